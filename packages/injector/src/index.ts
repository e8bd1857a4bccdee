export { createInjector, type Injector, type InjectorOptions } from './app.ts';
export { InjectorError, type InjectorErrorCode } from './injector-error.ts';
export { readInjectorSettings, type InjectorSettings } from './settings.ts';
