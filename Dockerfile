# The image of every process of compose.yaml: web, worker and beat.
FROM node:20-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
COPY static /src/static
RUN npm run build

FROM python:3.11-slim
WORKDIR /flowdesk
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY . .
COPY --from=frontend /src/static static
RUN useradd --system flowdesk && mkdir -p var && chown flowdesk var
USER flowdesk
ENV FLOWDESK_HOST=0.0.0.0 PYTHONUNBUFFERED=1
CMD ["python", "manage.py", "serve"]
