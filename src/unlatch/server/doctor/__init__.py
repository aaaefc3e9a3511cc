"""What is wrong with a configuration, found before people do: each finding says what to change."""
