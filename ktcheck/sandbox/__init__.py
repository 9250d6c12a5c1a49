"""The practice domain: invented people and treatments as KT1 messages and, migrated, as a KT2 domain."""
