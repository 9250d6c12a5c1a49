"""SMART on FHIR as Koppeltaal 2.0 uses it: keys, scopes and the backend services token."""
