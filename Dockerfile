# For those who run containers; nothing needs it. compose.yaml shows how the parts fit together.
FROM python:3.12-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/parkzero
COPY . .
# What development alone needs stays in this stage.
RUN make build && rm -rf .venv && python tools/install.py .venv requirements/base.txt && rm -rf frontend/node_modules

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/parkzero parkzero
WORKDIR /srv/parkzero
COPY --from=build /srv/parkzero .
ENV PATH=/srv/parkzero/.venv/bin:$PATH PYTHONUNBUFFERED=1 PARKZERO_MODE=production DATA_DIR=/var/lib/parkzero HOST=0.0.0.0
USER parkzero
VOLUME /var/lib/parkzero
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "python:config.gunicorn"]
