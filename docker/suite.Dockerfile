# The conformance suite. Build it after `npm ci` and `npm run build`:
#   docker build -f docker/suite.Dockerfile -t gossipspec .
#   docker run --rm --network host -v "$PWD/papers:/papers:ro" gossipspec conformance --peer HOST:7051 --tester /papers
# Nothing is run or fetched while it is built, so any base with Node 20 will do, without a shell even.
ARG BASE=node:20-slim
FROM ${BASE}
WORKDIR /opt/gossipspec
COPY package.json ./
COPY node_modules ./node_modules
COPY dist ./dist
ENTRYPOINT ["node", "/opt/gossipspec/dist/src/cli/main.js"]
CMD ["conformance", "--help"]
