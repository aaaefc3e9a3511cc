"""The application that unlatch's server is measured against."""
