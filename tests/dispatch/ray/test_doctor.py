"""What `doctor` says of a cluster that is there. Each test joins it by a process of its own, which takes seconds."""

from fittingroom.cli import ray_check
from fittingroom.setting_dispatch import DispatchSettings, RaySettings
from fittingroom.settings import Settings


def finding() -> ray_check.Finding:
    import ray

    address = ray.get_runtime_context().gcs_address
    dispatch = DispatchSettings.model_validate({"kind": "ray"})
    _, found = ray_check.ray(Settings(dispatch=dispatch, ray=RaySettings(address=address)))
    return found


def test_a_cluster_that_can_be_joined(cluster) -> None:
    found = finding()
    assert found.level == "ok", found.detail
    assert "1 nodes, 2.0 CPUs" in found.detail


def test_another_version_of_ray(cluster, monkeypatch) -> None:
    monkeypatch.setattr(ray_check, "JOIN", "import ray; ray.__version__ = '2.0.0'" + ray_check.JOIN)
    found = finding()
    assert found.level == "problem"
    assert "Version mismatch" in found.detail
    assert "same versions" in found.detail
