// The layer table: a folder imports what its row allows, and nothing else. One rule a row.
const layer = (name, from, allowed) => ({
  name: `layer-${name}`,
  severity: 'error',
  comment: `${from} may import only: ${allowed.join(', ') || 'nothing'}`,
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

const npm = (...names) => names.map((name) => `node_modules/${name}/`);
const core = (...names) => names.map((name) => `^${name}$`);
const anyCore = '^[a-z_0-9]+(/promises)?$';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    layer('ports', '^src/ports/', []),
    layer('statistics', '^src/statistics\\.ts$', []),
    layer('wire', '^src/wire/', ['^src/ports/', ...npm('@bufbuild/protobuf')]),
    layer('identity', '^src/identity/', [
      '^src/ports/',
      '^src/wire/',
      ...npm('@peculiar/x509', 'reflect-metadata', 'yaml', '@hyperledger/fabric-protos'),
      ...core('crypto', 'fs', 'path', 'fs/promises', 'net'),
    ]),
    // It reads the blocks of channels, for peers that join them.
    layer('channel', '^src/channel/', [
      '^src/(ports|identity)/',
      ...npm('@hyperledger/fabric-protos', 'google-protobuf', '@types/google-protobuf'),
      ...core('crypto'),
    ]),
    layer('core', '^src/core/', ['^src/ports/', '^src/wire/']),
    layer('transport', '^src/transport/', ['^src/ports/', '^src/wire/', ...npm('@grpc/grpc-js'), anyCore]),
    {
      name: 'grpc-only-in-its-files',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/transport/grpc', '^src/fabric/'] },
      to: { path: 'node_modules/@grpc/' },
    },
    layer('node', '^src/node/', [
      '^src/(ports|wire|identity|core|channel|transport)/',
      ...npm('yaml'),
      anyCore,
    ]),
    layer('fabric', '^src/fabric/', [
      '^src/(ports|wire|identity)/',
      ...npm(
        '@hyperledger/fabric-protos',
        'google-protobuf',
        '@types/google-protobuf',
        '@grpc/grpc-js',
        'yaml',
      ),
      anyCore,
    ]),
    // It runs the nodes of networks that `fabric` plans and fills: that is an interface of `fabric`, and so are its errors.
    layer('docker', '^docker/', [
      '^src/(ports|fabric)/',
      ...npm('dockerode', '@types/dockerode', 'tar-stream', '@types/tar-stream'),
      anyCore,
    ]),
    {
      name: 'docker-engine-in-one-file',
      severity: 'error',
      from: { path: '^(src|conformance|docker)/', pathNot: '^docker/engine\\.ts$' },
      to: { path: 'node_modules/(@types/)?dockerode/' },
    },
    layer('capture', '^src/capture/', [
      '^src/(ports|wire|identity|transport)/',
      '^src/statistics\\.ts$',
      anyCore,
    ]),
    layer('drift', '^src/drift/', core('child_process')),
    layer('sim', '^src/sim/', ['^src/(ports|core|wire)/', '^src/transport/memory']),
    layer('report', '^src/report/', [
      ...npm('picocolors', 'cli-table3', 'xmlbuilder2'),
      ...core('fs', 'path'),
    ]),
    {
      name: 'conformance-never-sees-the-peer-inside',
      severity: 'error',
      comment:
        'The checks do not know how our own peer works: only its public face, only where it is a target.',
      from: { path: '^conformance/', pathNot: ['^conformance/harness/targets/', '^conformance/mutants/'] },
      to: { path: '^src/(core|node|sim|cli|fabric)/|^docker/' },
    },
    {
      name: 'targets-use-public-faces',
      severity: 'error',
      from: { path: '^conformance/(harness/targets|mutants)/' },
      to: { path: '^src/(core|sim|cli)/|^src/node/(?!index\\.ts)' },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { path: '^(src|conformance|docker)/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
