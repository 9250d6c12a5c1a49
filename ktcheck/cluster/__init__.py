"""The page over all clusters and domains: the plan, the newest runs, and how both stand on a day."""
