# The program `clean` in an image of its own: docker build -t copydesk . ; see docs/how-to/install.md
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# Extras to install along: "[s3,http,office,pdf,xls]"
ARG EXTRAS=""
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY copydesk copydesk
COPY pipeline pipeline
COPY stages stages
COPY config config
COPY corpus corpus
RUN python -m venv /opt/copydesk \
    && /opt/copydesk/bin/python -m pip install --no-cache-dir --disable-pip-version-check -c constraints.txt ".${EXTRAS}"
# What is derived from rule packs and word lists is made here, once, and kept where every user may read it.
ENV COPYDESK_CACHE=/opt/copydesk/cache
WORKDIR /tmp
RUN install -d -m 755 /opt/copydesk/cache \
    && /opt/copydesk/bin/clean demo /tmp/demo --quiet \
    && rm -r /tmp/demo

FROM python:${PYTHON}-slim
COPY --from=build /opt/copydesk /opt/copydesk
ENV PATH=/opt/copydesk/bin:$PATH COPYDESK_CACHE=/opt/copydesk/cache PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --create-home --home-dir /home/copydesk copydesk
USER 10001
WORKDIR /data
ENTRYPOINT ["clean"]
CMD ["--help"]
