"""Kernels: loops in C, compiled when the project is installed into one shared library, and called through ctypes.

The C sources lie beside the modules that call them. `sources` names them, `build` compiles them (`hook` has hatchling
do it), `kernel` loads the library. Nothing is imported here, because `build` runs before numpy is installed.
"""


class NativeLibraryError(ImportError):
    """The compiled kernels are missing, or were made from other sources; the message says what to do."""
