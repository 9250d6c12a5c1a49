"""A second opinion: what another validator says of resources that ktcheck judged (``ktcheck run --second-opinion``)."""
