"""Keycloak as the identity provider of a domain: its admin API, its login pages, its tokens."""
