#!/bin/sh
# Creates the namespace of the jobs and its search attributes. Safe to repeat: every `docker compose up` runs it. The API
# does the same when it starts; done here, the workers and the web UI find the namespace also while the API is down.
set -eu

export TEMPORAL_NAMESPACE="${TEMPORAL_NAMESPACE:-default}"

temporal operator namespace describe >/dev/null 2>&1 || temporal operator namespace create --retention 30d

# A new namespace takes some seconds to reach every part of the server.
attempts=0
until temporal operator search-attribute create \
  --name JobType --type Keyword \
  --name JobOwner --type Keyword \
  --name JobTags --type KeywordList \
  --name JobStatus --type Keyword \
  --name JobCreatedAt --type Datetime; do
  attempts=$((attempts + 1))
  [ "$attempts" -lt 30 ] || exit 1
  sleep 1
done
