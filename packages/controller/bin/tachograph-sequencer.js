#!/usr/bin/env node
import '../dist/sequencer-main.js';
