# The image of the client. docker/README.md says how it is built and run.
ARG BASE=debian:bookworm-slim

# The same for both roles, so that the second image finds it built.
FROM ${BASE} AS build
WORKDIR /src
COPY setup ./
RUN apt-get update -q && \
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(./setup packages build) && \
	rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_SYSCONFDIR=/etc -DCMAKE_INSTALL_LIBDIR=lib && \
	cmake --build --preset release && \
	DESTDIR=/installed cmake --install build/release --strip

# What belongs to this role.
FROM build AS stage
ARG VERSION=0.1.0
ARG SOURCE_DATE_EPOCH=0
RUN sh docker/stage client /installed /stage && \
	sh docker/sbom vpn-sentinel-client "$VERSION" /stage/packages >/stage/root/usr/share/doc/vpn-sentinel/sbom.spdx.json

# Debian with the libraries that the role needs, without a trace of when they were installed.
FROM ${BASE} AS libraries
COPY --from=stage /stage/packages /usr/share/doc/vpn-sentinel/packages
RUN apt-get update -q && \
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		$(cat /usr/share/doc/vpn-sentinel/packages) && \
	rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old \
		/var/log/apt /var/log/*.log && \
	groupadd --gid 10001 vpn-sentinel && \
	useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/vpn-sentinel --shell /usr/sbin/nologin vpn-sentinel && \
	sed -i 's/^\(vpn-sentinel:[^:]*\):[0-9]*:/\1::/' /etc/shadow && \
	rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- && \
	rm -rf /tmp/* /var/tmp/*

FROM libraries AS inventory
ARG VERSION=0.1.0
ARG SOURCE_DATE_EPOCH=0
COPY docker/sbom /sbom
RUN sh /sbom vpn-sentinel-client "$VERSION" >/sbom.spdx.json

# --target from-scratch: the program and its libraries, and no system around them.
FROM scratch AS from-scratch
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="VPN Sentinel client" \
	org.opencontainers.image.description="Looks at a VPN tunnel from inside and reports what the world sees of it" \
	org.opencontainers.image.licenses="MIT" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}"
COPY --from=stage /stage/root/ /
USER 10001:10001
VOLUME /var/lib/vpn-sentinel
HEALTHCHECK --interval=15s --timeout=6s --start-period=15s --retries=3 \
	CMD ["/usr/bin/vpn-sentinel", "healthcheck", "--role", "client"]
ENTRYPOINT ["/usr/bin/vpn-sentinel"]
CMD ["client"]

# The default: on Debian, with a shell for those who look into it.
FROM libraries AS slim
ARG BASE
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="VPN Sentinel client" \
	org.opencontainers.image.description="Looks at a VPN tunnel from inside and reports what the world sees of it" \
	org.opencontainers.image.licenses="MIT" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}" \
	org.opencontainers.image.base.name="${BASE}"
COPY --from=stage /stage/program/ /
COPY --from=inventory /sbom.spdx.json /usr/share/doc/vpn-sentinel/sbom.spdx.json
USER 10001:10001
VOLUME /var/lib/vpn-sentinel
HEALTHCHECK --interval=15s --timeout=6s --start-period=15s --retries=3 \
	CMD ["/usr/bin/vpn-sentinel", "healthcheck", "--role", "client"]
ENTRYPOINT ["/usr/bin/vpn-sentinel"]
CMD ["client"]
