"""HTML pages of practicals: views only translate; rows come from `visible_to`, decisions from services."""
