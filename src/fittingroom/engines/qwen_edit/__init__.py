"""The engine `qwen-edit`: Qwen-Image-Edit-2511 through stock diffusers."""
