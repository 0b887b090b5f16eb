"""CLV between the two dbt calls."""
