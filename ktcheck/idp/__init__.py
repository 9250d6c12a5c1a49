"""Users at the identity provider: who has an account in its directory, and what it says of itself.

Source: ``kt2-standard.md`` section 22 (TOP-KT-023, IAM-001 to 007; KT2-IDP-001 to 009).
"""
