"""The core of copydesk: pure functions. No files, no clock, no printing, no unseeded number."""
