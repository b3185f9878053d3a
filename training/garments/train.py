"""Train the garment network on one core: python train.py SYNTHETIC HELD_OUT LABELS CUTOUTS OUT STEPS [RESUME RATE].

RESUME: weights to go on from, at the peak RATE. Warm-up, then a cosine over STEPS; a quarter of each batch are labelled
photos, and masks of inner back and label count much, since they are few pixels. The averaged weights are exported to
ONNX and evaluated on synthetic pictures and on labelled photos that training never saw.
"""

import math
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from model import CELLS, MARKS, SIDE, Exported, GarmentNet, places
from pictures import MARGIN, labelled, network_input, to_square, varied
from torch.nn import functional as fn

BATCH, REAL, SEED = 16, 4, 11
RATE, WARM_UP, SMALL_MASKS = 2.5e-3, 150, 20.0


class Shards:
    """Synthetic samples of a folder; new shards are taken up as they appear."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seen, self.samples = folder, set(), []
        self.refresh()

    def refresh(self) -> None:
        for file in sorted(self.folder.glob("??????.npz")):
            if file not in self.seen:
                self.seen.add(file)
                with np.load(file) as data:
                    columns = {k: data[k] for k in data.files}
                self.samples += [{k: v[i] for k, v in columns.items()} for i in range(len(columns["cut"]))]


def tensors(batch):
    """Examples -> input, type one-hot, marks, cut, traits, roles (-1 where unknown)."""
    none = np.full((SIDE // 2, SIDE // 2), 255, np.uint8)
    stack = {k: np.stack([none if b[k] is None else b[k] for b in batch]) for k in batch[0]}
    kind = fn.one_hot(torch.from_numpy(stack["type"].astype(np.int64)), 3).float()
    x = torch.from_numpy(stack["x"]).contiguous(memory_format=torch.channels_last)
    rest = (torch.from_numpy(stack[k]) for k in ("marks", "cut", "traits", "roles"))
    return x, kind, *rest


def loss_of(answer, marks, cut, traits, roles):
    """Cross-entropy to a Gaussian round each mark, distance, masks, cut, traits; and these as a list."""
    seen = torch.isfinite(marks).all(2) & (marks > 0).all(2) & (marks < 1).all(2)
    truth = torch.nan_to_num(marks)
    at = (torch.arange(CELLS) + 0.5) / CELLS
    across, down = (at[None, None, None] - truth[..., 0, None, None], at[:, None] - truth[..., 1, None, None])
    target = torch.exp(-(across**2 + down**2) * (CELLS**2 / 2))
    target = target / target.sum((2, 3), keepdim=True).clamp_min(1e-6)
    log_p = answer.heat.flatten(2).log_softmax(2).view_as(answer.heat)
    heat = (-(target * log_p).sum((2, 3)) * seen).sum() / seen.sum()
    away = ((places(answer.heat)[0] - truth).norm(dim=2) * seen).sum() / seen.sum()
    drawn = roles[:, 0, 0] < 255
    wanted = torch.stack([roles == r for r in (1, 2, 3)], 1)[drawn].float()
    weight = torch.tensor([1.0, SMALL_MASKS, SMALL_MASKS])[:, None, None].expand_as(wanted[0]) if drawn.any() else None
    mask = fn.binary_cross_entropy_with_logits(answer.masks[drawn], wanted, weight) if drawn.any() else away * 0
    kind = fn.cross_entropy(answer.cut, cut.long(), label_smoothing=0.05)
    traits = fn.binary_cross_entropy_with_logits(answer.traits, traits)
    parts = [heat, away, mask, kind, traits]
    return heat + 20 * away + 2 * mask + 0.5 * kind + 0.5 * traits, [float(p.detach()) for p in parts]


def answers(net, samples):
    """Errors of the marks in diagonals of the marks' box (n, 22), cut right (n,), traits (n, 8); plain pictures."""
    net.eval()
    errors, right, traits = [], [], []
    with torch.no_grad():
        for s in samples:
            matrix = to_square(s["alpha"], np.eye(2), MARGIN)
            warped = [cv2.warpAffine(s[k], matrix, (SIDE, SIDE), flags=cv2.INTER_AREA) for k in ("rgb", "alpha")]
            x = torch.from_numpy(network_input(*warped))[None]
            answer = net(x, fn.one_hot(torch.tensor([int(s["type"])]), 3).float())
            found = (places(answer.heat)[0][0].numpy() * SIDE - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
            diagonal = np.linalg.norm(np.nanmax(s["marks"], axis=0) - np.nanmin(s["marks"], axis=0))
            errors.append(np.linalg.norm(found - s["marks"], axis=1) / diagonal)
            right.append(int(answer.cut[0].argmax()) == s["cut"])
            traits.append(answer.traits[0].sigmoid().numpy())
    return np.array(errors), np.array(right), np.array(traits)


def report(net, name, samples) -> None:
    if not samples:
        return
    errors, right, _ = answers(net, samples)
    worst = np.nanmax(errors, axis=1)
    print(f"  {name}: n {len(samples)}, all marks within 3 %: {np.mean(worst < 0.03):.3f}, within 5 %: "
          f"{np.mean(worst < 0.05):.3f}, marks within 3 %: {np.mean(errors[np.isfinite(errors)] < 0.03):.3f}, "
          f"median {np.nanmedian(errors):.4f}, cut {right.mean():.3f}", flush=True)  # fmt: skip


def evaluate(net, held, photos) -> None:
    report(net, "synthetic, held out", held)
    for split in ("tuning", "final"):
        for phone in (False, True):
            some = [p for p in photos if p["split"] == split and p["phone"] == phone and not p["trained"]]
            report(net, f"{split} {'phone' if phone else 'clean'}, never trained on", some)
    errors = answers(net, [p for p in photos if p["split"] == "final"])[0]
    with np.errstate(all="ignore"):
        middle = np.nanmedian(errors, axis=0)
    print("  median per mark:", {m: round(float(e), 4) for m, e in zip(MARKS, middle, strict=True)}, flush=True)


def average_into(mean, net, share) -> None:
    with torch.no_grad():
        for a, b in zip(mean.parameters(), net.parameters(), strict=True):
            a.lerp_(b, share)
        for a, b in zip(mean.buffers(), net.buffers(), strict=True):
            a.copy_(b)


def export(net, out: Path) -> None:
    example = (torch.zeros(1, 4, SIDE, SIDE), torch.tensor([[1.0, 0.0, 0.0]]))
    names = {"input_names": ["picture", "kind"], "output_names": ["marks", "spread", "masks", "cut", "traits"]}
    torch.onnx.export(Exported(net).eval(), example, str(out), opset_version=17, dynamo=False, **names)


def main() -> None:
    synthetic, held, labels, cutouts, out, steps = *map(Path, sys.argv[1:6]), int(sys.argv[6])
    resume, peak = (Path(sys.argv[7]), float(sys.argv[8])) if len(sys.argv) > 7 else (None, RATE)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    drawn, photos = Shards(synthetic), labelled(labels, cutouts)
    own = [p for p in photos if p["trained"]]
    print(f"{len(own)} photos of {len(photos)} are trained on", flush=True)
    net = GarmentNet().to(memory_format=torch.channels_last)
    if resume:
        net.load_state_dict(torch.load(resume))
    mean = GarmentNet()
    mean.load_state_dict(net.state_dict())
    best = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-2)
    start, smooth = time.time(), np.zeros(5)
    for step in range(1, steps + 1):
        if step % 50 == 0:
            drawn.refresh()
        rate = peak * min(1, step / WARM_UP)
        for group in best.param_groups:
            group["lr"] = rate * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-5
        batch = [varied(rng, own[rng.integers(len(own))], real=True) for _ in range(REAL)]
        batch += [varied(rng, drawn.samples[rng.integers(len(drawn.samples))], real=False) for _ in range(BATCH - REAL)]
        x, kind, *truth = tensors(batch)
        net.train()
        loss, parts = loss_of(net(x, kind), *truth)
        best.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        best.step()
        average_into(mean, net, max(0.004, 1 / (step + 1)))
        smooth += (np.array(parts) - smooth) * max(0.02, 1 / step)
        if step % 50 == 0:
            print(step, f"{time.time() - start:.0f} s", len(drawn.samples), np.round(smooth, 3), flush=True)
        if step % 500 == 0:
            torch.save(mean.state_dict(), out.with_suffix(".pt"))
    torch.save(mean.state_dict(), out.with_suffix(".pt"))
    export(mean, out)
    evaluate(mean, Shards(held).samples, photos)


if __name__ == "__main__":
    main()
