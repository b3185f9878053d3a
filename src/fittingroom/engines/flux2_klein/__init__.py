"""The engine `flux2-klein`: FLUX.2 klein 4B through stock diffusers."""
