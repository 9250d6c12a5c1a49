"""Does a resource meet its profile? FHIR packages compiled to JSON Schema, and a validator that uses those."""
