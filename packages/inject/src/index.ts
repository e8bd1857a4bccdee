export { isMcpServer } from './annotations.ts';
export { spoolVolumeBytes } from './containers.ts';
export { quantity } from './equality.ts';
export { injectPod, type InjectContext, type InjectResult, type SkipReason } from './inject.ts';
export { applyOperations } from './json-patch.ts';
export { refusalCodes, type Reason, type RefusalCode } from './reasons.ts';
export {
  durabilities,
  reservedPorts,
  volumes as injectedVolumes,
  type ContainerResources,
  type InjectCrypto,
  type InjectNamespace,
  type InjectSettings,
  type UpstreamSecret,
} from './settings.ts';
export { verifyInjected, verifyUpdate, type UpdateContext, type VerifyResult } from './verify.ts';
