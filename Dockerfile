# Stage 1 builds one static binary; stage 2 holds it and nothing else.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /hotline ./cmd/hotline && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /hotline /hotline
# A new volume takes its owner from here: journal and keys are the program's own.
COPY --from=build --chown=65532:65532 /data /var/lib/hotline
USER 65532:65532
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/hotline", "health"]
ENTRYPOINT ["/hotline"]
CMD ["serve"]
