// Runs our sources as they are; required by the npm scripts.
// The cache that ts-node would put into the folder for temporary files stays there, and breaks every run where that is full.
require('node:process').env.DISABLE_V8_COMPILE_CACHE = '1';
require('ts-node/register');
