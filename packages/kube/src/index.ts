export type { ApprovalDraft, ApprovalObject, ApprovalPort, ApprovalSelector } from './approvals.ts';
export {
  createKube,
  type AccessQuestion,
  type Kube,
  type KubeEvent,
  type KubeOptions,
  type PodSelector,
  type RegisteredWebhook,
  type SeenPolicy,
  type ServiceAccountIssuer,
  type WebhookConfigurationKind,
} from './kube.ts';
export { isKubeError, KubeError, kubeErrorCodes, type KubeErrorCode } from './kube-error.ts';
export { createLeaseElector, type LeaseElector, type LeaseElectorOptions } from './lease-elector.ts';
export type { Lease, LeasePort, LeaseRef } from './leases.ts';
export type { LoginDraft, LoginObject, LoginPort } from './logins.ts';
export type { WatchHandler } from './object-cache.ts';
export type {
  ContainerRun,
  ContainerStatus,
  Namespace,
  ObjectMeta,
  OwnerReference,
  Pod,
  PolicyObject,
} from './objects.ts';
export { systemTimers, type Clock, type Logger, type Timers } from './ports.ts';
export type { RbacPort } from './rbac.ts';
export type { WatchHandle } from './reflector.ts';
export type { Secret, SecretPort } from './secrets.ts';
export type { ServerTools, ServerToolsPort } from './server-tools.ts';
export type { TokenIdentity, TokenReviewResult } from './token-review.ts';
export type { ServerDraft, ServerObject, ServerPort } from './servers.ts';
