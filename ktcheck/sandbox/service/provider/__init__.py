"""An OpenID provider of practice domains: discovery, a login page, codes and signed id_tokens."""

from __future__ import annotations

from ktcheck.sandbox.service.provider.state import Provider

__all__ = ["Provider"]
