#!/usr/bin/env node
await import('../dist/sequencer-main.js');
