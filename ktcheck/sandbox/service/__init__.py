"""A KT2 service for practice domains: real HTTP, real tokens, read-only."""

from __future__ import annotations

from ktcheck.sandbox.service.server import Service

__all__ = ["Service"]
