"""`drape`: the embedded engine. Geometry and small open networks on a CPU, no hub."""
