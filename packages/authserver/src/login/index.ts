export { createLogin } from './login.ts';
