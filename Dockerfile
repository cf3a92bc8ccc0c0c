# An image for continuous integration: it checks a repository and plans it, and needs no NAS for that.
#
#   docker build -t nasgitops .
#   docker run --rm -v "$PWD:/repo:ro" nasgitops validate /repo
#   docker run --rm -v "$PWD:/repo:ro" nasgitops plan --repo /repo --inventory /repo/inventory.yaml -o markdown
#
# inventory.yaml is what a host publishes on its status branch (git show origin/nasgitops/status/nas1:inventory.yaml).
# The daemon itself does not run in a container: it mounts file systems for the whole host. For that there is systemd/nasgitops.service.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# The packages first: they change seldom, and Docker keeps the layer.
COPY Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/BannedSymbols.txt src/
COPY src/NasGitOps.Core/NasGitOps.Core.csproj src/NasGitOps.Core/
COPY src/NasGitOps.Storage/NasGitOps.Storage.csproj src/NasGitOps.Storage/
COPY src/NasGitOps.Kinds/NasGitOps.Kinds.csproj src/NasGitOps.Kinds/
COPY src/NasGitOps/NasGitOps.csproj src/NasGitOps/
RUN dotnet restore src/NasGitOps/NasGitOps.csproj
COPY src src
RUN dotnet publish src/NasGitOps/NasGitOps.csproj -c Release --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS final
# git fetches and pushes; libgit2 reads commits. The name of the library's package carries its version.
RUN apt-get update \
 && apt-get install -y --no-install-recommends git openssh-client ca-certificates \
      "$(apt-cache search --names-only '^libgit2-1\.[0-9]+$' | sort -V | tail -n 1 | cut -d' ' -f1)" \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /opt/nasgitops
RUN ln -s /opt/nasgitops/nasgitops /usr/local/bin/nasgitops \
 && useradd --create-home --uid 10001 nasgitops
USER nasgitops
WORKDIR /repo
ENTRYPOINT ["nasgitops"]
CMD ["validate", "/repo"]
