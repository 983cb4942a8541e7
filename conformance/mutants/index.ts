import { aliveMutants } from './alive';
import { aliveTakenMutants } from './alive-taken';
import { bootMutants } from './boot';
import { blockMutants } from './block';
import { blockPullMutants } from './block-pull';
import { certMutants } from './cert';
import { certUpdateMutants } from './cert-updates';
import { connMutants } from './conn';
import { deadMutants } from './dead';
import { electMutants } from './elect';
import { emitMutants } from './emit';
import { hostileMutants } from './hostile';
import { idMutants } from './id';
import { leaveMutants } from './leave';
import { lifeMutants } from './life';
import { membLearningMutants } from './memb-learning';
import { membRequestMutants } from './memb-requests';
import { membResponseMutants } from './memb-responses';
import type { EmbeddedMutant } from './mutant';
import { ownEchoMutants } from './own-echo';
import { pullDigestMutants } from './pull-digests';
import { pullRequestMutants } from './pull-requests';
import { pullRoundMutants } from './pull-rounds';
import { pushedStateInfoMutants } from './pushed-state-info';
import { ackMutants, pvtMutants } from './pvt';
import { rpcMutants } from './rpc';
import { signMutants } from './sign';
import { sinfMutants } from './sinf';
import { sinfMeasureMutants } from './sinf-measure';
import { stateMutants } from './state';
import { strangeCompanyMutants } from './strange-company';
import { storeMutants } from './store';
import { tagMutants } from './tag';
import { tlsMutants } from './tls';

/** Every mutant, in the order of the clauses they break. */
export const mutants: readonly EmbeddedMutant[] = [
  ...rpcMutants,
  ...tlsMutants,
  ...idMutants,
  ...signMutants,
  ...tagMutants,
  ...connMutants,
  ...lifeMutants,
  ...emitMutants,
  ...storeMutants,
  ...aliveMutants,
  ...aliveTakenMutants,
  ...ownEchoMutants,
  ...membRequestMutants,
  ...membResponseMutants,
  ...membLearningMutants,
  ...deadMutants,
  ...strangeCompanyMutants,
  ...bootMutants,
  ...pullDigestMutants,
  ...pullRequestMutants,
  ...pullRoundMutants,
  ...certMutants,
  ...certUpdateMutants,
  ...sinfMutants,
  ...sinfMeasureMutants,
  ...pushedStateInfoMutants,
  ...leaveMutants,
  ...ackMutants,
  ...pvtMutants,
  ...electMutants,
  ...blockMutants,
  ...blockPullMutants,
  ...stateMutants,
  ...hostileMutants,
];
