"""The site around the topologies: landing, uploads, downloads, deletion, the API, errors."""
