"""`fashn`: FASHN VTON v1.5, a network of 972 million parameters that redraws the person dressed, pixels to pixels.

It is told the person photo, the person's pose, a product photo and a category; no mask of what to change and no parser.
`engine` is the recipe. The picture: `frames`, `pose_map`, `dwpose` (numpy alone). The network: `config`, `network`,
`weights`, `sampler`, `flops`, and `runtime`, where both meet (PyTorch). Source of all constants: the published
repository fashn-AI/fashn-vton-1.5, Apache-2.0. Invariant: PyTorch is imported by `load`, not before.
"""
