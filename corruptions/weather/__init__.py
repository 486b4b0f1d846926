"""The family of weather: snow, frost, fog and light."""
