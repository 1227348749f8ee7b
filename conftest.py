"""What a bare `pytest` or `pytest --nbval notebooks` needs; `make` sets the same.

Stored outputs come from the CPU. To see what another device gives, name it: JAX_PLATFORMS=cuda.
"""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # no display, and quiet about it
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
