# Our gossip peer. Build it after `npm ci` and `npm run build`:
#   docker build -f docker/peer.Dockerfile -t gossipspec-peer .
# Nothing is run or fetched while it is built, so any base with Node 20 will do, without a shell even.
ARG BASE=node:20-slim
FROM ${BASE}
WORKDIR /opt/gossipspec
COPY package.json ./
COPY node_modules ./node_modules
COPY dist ./dist
# Settings come from core.yaml in FABRIC_CFG_PATH and CORE_PEER_* variables, as with a Fabric peer.
ENTRYPOINT ["node", "/opt/gossipspec/dist/src/cli/main.js", "peer"]
