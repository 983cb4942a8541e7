// Runs our sources as they are; required by the npm scripts.
// The cache that ts-node would put into the folder for temporary files stays there, and breaks every run where that is full.
require('node:process').env.DISABLE_V8_COMPILE_CACHE = '1';
// Found from here, wherever we are called from.
require('node:process').env.TS_NODE_PROJECT ??= require('node:path').join(__dirname, 'tsconfig.json');
require('ts-node/register');
