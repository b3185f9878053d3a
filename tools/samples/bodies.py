"""Bodies of the sample people: shapes, stances and faces by the anny body model, one .npz a person.

The mesh keeps MakeHuman's numbering (19158 vertices with the helper geometry), because hair, shoes, eyes, brows and
lashes of the CC0 asset release are fitted by those numbers. Written here are only numbers for the draping and
rendering that follow; nothing is drawn, and `dress.py` takes away every part of the body that a garment covers before
a picture is made. Lengths are metres, z is up, the person looks towards -y and stands on z = 0.
"""

import argparse
import json
import math
from pathlib import Path

import anny
import numpy as np
import torch

STEPS = 12  # stances from the resting one, around which garments are cut, to the one in the picture


def turned(axis: str, degrees: float) -> torch.Tensor:
    """Return the 4x4 rotation by `degrees` about a world axis."""
    angle = math.radians(degrees)
    c, s = math.cos(angle), math.sin(angle)
    turn = torch.eye(4)
    a, b = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    turn[a, a] = turn[b, b] = c
    turn[a, b], turn[b, a] = -s, s
    return turn


def stance(model: anny.Anny, turns: dict[str, list[list[object]]], share: float) -> torch.Tensor:
    """Return pose parameters, 1 x bones x 4 x 4, for `share` (0..1) of the turns."""
    pose = torch.eye(4).repeat(1, len(model.bone_labels), 1, 1)
    for bone, steps in turns.items():
        matrix = torch.eye(4)
        for axis, degrees in steps:
            matrix = turned(str(axis), float(degrees) * share) @ matrix  # type: ignore[arg-type]
        pose[0, model.bone_labels.index(bone)] = matrix
    return pose


def curled(model: anny.Anny, joints: np.ndarray, degrees: float) -> dict[str, torch.Tensor]:
    """Return rotations that bend the fingers a little further the way they rest, each about its own knuckles' line."""
    out = {}
    for side in "LR":
        place = {bone: joints[i] for i, bone in enumerate(model.bone_labels) if bone.endswith(side)}
        across = place[f"finger5-1.{side}"] - place[f"finger2-1.{side}"]
        across /= np.linalg.norm(across)
        for finger, share in ((2, 0.7), (3, 0.9), (4, 1.0), (5, 1.1)):
            one, two, three = (place[f"finger{finger}-{k}.{side}"] for k in (1, 2, 3))
            bend = np.sign(np.cross(two - one, three - two) @ across) or 1.0
            axis = torch.tensor(across * bend * math.radians(degrees) * share, dtype=torch.float32)
            cross = torch.tensor([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
            matrix = torch.eye(4)
            matrix[:3, :3] = torch.linalg.matrix_exp(cross)
            out |= {f"finger{finger}-{k}.{side}": matrix for k in (1, 2, 3)}
    return out


def body(model: anny.Anny, person: dict[str, object]) -> dict[str, np.ndarray]:
    """Return the arrays of one person: `frames` (steps, 19158, 3) and `joints` (steps, bones, 3)."""
    looks = {
        "phenotype_kwargs": person["shape"],
        "local_changes_kwargs": person.get("changes", {}),
        "facial_actions": person.get("face", {}),
    }
    fingers = curled(model, model(**looks)["bone_poses"][0, :, :3, 3].numpy(), float(person.get("curl", 12.0)))
    frames, joints = [], []
    for step in range(STEPS + 1):
        pose = stance(model, person["turns"], step / STEPS)  # type: ignore[arg-type]
        for bone, matrix in fingers.items():
            pose[0, model.bone_labels.index(bone)] = matrix
        out = model(pose_parameters=pose, **looks)
        frames.append(out["vertices"][0].numpy())
        joints.append(out["bone_poses"][0, :, :3, 3].numpy())
    points, bones = np.stack(frames), np.stack(joints)
    soles = points[:, :13380, 2].min(axis=1)
    points[:, :, 2] -= soles[:, None]
    bones[:, :, 2] -= soles[:, None]
    return {"frames": points.astype(np.float32), "joints": bones.astype(np.float32)}


def main() -> None:
    """Write OUT/<id>.npz for every person of people.json, or for those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("names", nargs="*")
    wanted = parser.parse_args()
    people = json.loads(Path(__file__).with_name("people.json").read_text("utf-8"))
    model = anny.Anny(
        topology="makehuman", rig="makehuman", facial_actions="all", local_changes="all", phenotypes="all"
    )
    wanted.out.mkdir(parents=True, exist_ok=True)
    strongest = model.vertex_bone_weights.argmax(dim=1, keepdim=True)
    belongs = model.vertex_bone_indices.gather(1, strongest)[:, 0].numpy()
    with torch.no_grad():
        for name, person in people.items():
            if wanted.names and name not in wanted.names:
                continue
            arrays = body(model, person)
            np.savez(
                wanted.out / f"{name}.npz",
                bones=np.array(model.bone_labels),
                belongs=belongs,
                faces=model.faces.numpy(),
                texture=model.texture_coordinates.numpy(),
                texture_faces=model.face_texture_coordinate_indices.numpy(),
                **arrays,
            )
            print(name, "height", arrays["frames"][-1, :13380, 2].max())


if __name__ == "__main__":
    main()
