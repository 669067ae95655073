# One image for the API and the worker; docker-compose.yml says which of the two a container runs.
#
# Debian, not Alpine: the native part of Temporal's worker needs glibc. The tag names an exact version; pin its digest
# as well where images are mirrored or signed.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app

COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

COPY . .
RUN node_modules/.bin/tsc -p . && node dist/scripts/bundle-workflows.js && node dist/scripts/build-web.js
# What is left out: development tools; the optional packages, which are Node and PostgreSQL for machines that have
# neither, and the compiler that made the bundle; Temporal's native code for other systems.
RUN npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name '*-linux-gnu' -exec rm -r {} +

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/samples ./samples
# Comes with the image, and owns none of the files above.
USER node
EXPOSE 3000
# As in scripts/local/program.ts: what is free is given back.
ENV NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=384"
ENV MALLOC_ARENA_MAX=2
CMD ["node", "dist/src/main.js"]
