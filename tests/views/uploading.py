"""A small set of manifests, and a browser's way of uploading."""

import io
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

WEB = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, ports: [{containerPort: 8080}]}]}
"""
"""A service with three pods, and no Node: three are assumed."""

SETTINGS = {"DATABASE_URL": "sqlite://", "RATE_LIMIT": ""}


@dataclass
class Uploads:
    """Uploads through the form, as a browser does."""

    client: FlaskClient

    def send(self, *files: tuple[str, str], text: str = "", to: str = "/upload", **fields: str) -> TestResponse:
        """Send files, given as name and content, and pasted text."""
        streams = [(io.BytesIO(content.encode()), name) for name, content in files]
        return self.client.post(to, data={"files": streams, "text": text, **fields}, content_type="multipart/form-data")

    def stored(self, text: str = WEB) -> str:
        """Upload a set and return the path of its map."""
        response = self.send(text=text)
        assert response.status_code == 303, response.text
        return response.headers["Location"]
