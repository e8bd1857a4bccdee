// Made by scripts/build-token-rules.mjs; see NOTICE. Not to be edited by hand.
/* eslint-disable max-lines -- one line for each pattern */

/** SHA-256 of `tokenRuleLines`. */
export const tokenRuleDigest = 'e2c23574ba7e4831fc270eeb5472b14fb6d4944c868b5ad78e4e5ccb05e5bc6b';

/** Rules as `parseTokenRules` reads them. */
export const tokenRuleLines = String.raw`adafruit-api-key			adafruit			(?i:adafruit)\=([\-0-9A-Z_a-z]{32})\;
adobe-client-id		>2	adobe			(?i:adobe)\=([0-9A-Fa-f]{32})\;
adobe-client-secret		>2	p8e-			\b(p8e-[0-9A-Za-z]{32})\>
age-secret-key			age-secr			AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}
aikido-ci-token		>=3	aik_ci_			\b(AIK_CI_[0-9A-Za-z]{20,44})\b
aikido-client-id		>=3	aik_clie			\b(AIK_CLIENT_[0-9A-Za-z]{24})\>
aikido-client-secret		>=3.5	aik_secr			\b(AIK_SECRET_[0-9A-Za-z]{64})\>
airtable-api-key			airtable			(?i:airtable)\=([0-9A-Za-z]{17})\;
airtable-oauth-token		>=3.5	airtable			(?i:airtable)\=([0-9A-Za-z]+\.(?i:v1\.)[\-0-9A-Z_a-z]+\.[0-9A-Fa-f]+)\;
airtable-personnal-access-token			@blob	18-18	airtable	\b(pat[0-9A-Za-z]{14}\.[0-9a-f]{64})\b
airtable-personnal-access-token		>=3.3	@blob	18-18	airtable	\b(pat[0-9A-Za-z]{14}\.[0-9a-f]{64})\b
aiven-auth-token		>=3.3	aiven			(?i:aiven)(?s:.){0,32}?\b([+/-9=A-Za-z]{372})\>
algolia-api-key			algolia			(?i:algolia)\=([0-9A-Za-z]{32})\;
alibaba-access-key-id		>2	ltai			\b(LTAI[0-9A-Za-z]{20})\>
alibaba-access-key-id		>=3	ltai			\b(LTAI[0-9A-Za-z]{17,21})\b
alibaba-secret-key		>2	alibaba			(?i:alibaba)\=([0-9A-Za-z]{30})\;
alibaba-secret-key		>=3.5	alibaba,aliyun,key,secret		alibaba,aliyun	(?i:alibaba|aliyun|secret|key)\=([0-9A-Za-z]{30})\;
alibaba-sts-access-key-id		>=3	sts.			\b(STS\.[0-9A-Za-z]{16,64})\b
alibaba-sts-access-key-secret		>=3.5	alibaba,aliyun,key,secret		alibaba,aliyun	(?i:alibaba|aliyun|secret|key)\=([0-9A-Za-z]{30,64})\;
alibaba-sts-security-token		>=3.5	cais	4-39		(?i:alibaba|aliyun|secret|key)\=((?i:cais)[+\-/-9=A-Z_a-z]{20,1000}[+\-/-9=A-Z_a-z]{0,24})\;
amplitude-secret-key		>=3.3	amplitud			\b(?i:amplitude)(?s:.){0,32}?(?i:secret|private|access|key|token|authorization)(?s:.){0,16}?\b([0-9A-Fa-f]{32})\b
anthropic-key			sk-ant-a			\b(sk-ant-admin01-[\-0-9A-Z_a-z]{93}AA)\>
anthropic-key			sk-ant-a			\b(sk-ant-api03-[\-0-9A-Z_a-z]{93}AA)\>
anthropic-key	own	>3	sk-ant-a			\b(sk-ant-(?:api|admin)0\d-[\-0-9A-Z_a-z]{90,128}AA)\>
apify-api-token		>=3.5	apify_ap			\b(apify_api_[0-9A-Za-z]{34,38})\b
artifactory-api-key		>4.5	akcp			\bAKCp[0-9A-Za-z]{69}\b
artifactory-api-key		>=3.5	akcp			\bAKCp[0-9A-Za-z]{68,70}\b
artifactory-jfrog-url	weak	>=2.5	jfrog.io	2-64		\<([0-9A-Za-z](?:[\-0-9A-Za-z]{0,61}[0-9A-Za-z])?\.(?i:jfrog\.io))\>
artifactory-reference-token		>4.5	cmvmd			\bcmVmd[0-9A-Za-z]{59}\b
artifactory-reference-token		>=3.5	cmvmd			\bcmVmd[0-9A-Za-z]{59}\b
asaas-api-token		>=3.5	$aact_hm,$aact_pr			\<(\$aact_(?:prod|hmlg)_[\-0-9A-Z_a-z]{20,100})\>
asana-client-id			asana			(?i:asana)\=(\d{16})\;
asana-client-secret			asana			(?i:asana)\=([0-9A-Za-z]{32})\;
assemblyai-api-key		>3	assembly			(?i:assemblyai)\=([0-9A-Za-z]{32})\;
atlassian-api-token		>3.5	atatt3			\b((?i:atatt3)[\-0-9=A-Z_a-z]{186})\;
atlassian-api-token		>3.5	atlassia			ATLASSIAN\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-api-token		>3.5	atlassia			[Aa]tlassian\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-api-token		>3.5	confluen			CONFLUENCE\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-api-token		>3.5	confluen			[Cc]onfluence\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-api-token		>3.5	jira			JIRA\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-api-token		>3.5	jira			[Jj]ira\=([0-9A-Za-z]{20}[0-9A-Fa-f]{4})\;
atlassian-token	own	>3.5	atatt3,atbb,atctt3			\b((?:ATATT3|ATCTT3)[\-0-9=A-Z_a-z]{60,250}|ATBB[0-9A-Za-z]{32})\>
authress-service-client-access-key		>2	authress,ext_,sc_,scauth_			\b((?:sc|ext|scauth|authress)_[0-9A-Za-z]{5,30}\.[0-9A-Za-z]{4,6}\.acc[\-_][\-0-9A-Za-z]{10,32}\.[+\-/-9=A-Z_a-z]{30,120})\>
authress-service-client-access-key		>=4	.acc-,.acc_	13-46		\b((?i:sc|ext|scauth|authress)_[0-9A-Za-z]{5,30}\.[0-9A-Za-z]{4,6}\.(?i:acc)[\-_][\-0-9A-Za-z]{10,32}\.[+\-/-9=A-Z_a-z]{30,120})\b
aws-access-key-id		>3	a3t,abia,acca,akia,asia			\b((?:A3T[0-9A-Z]|AKIA|ASIA|ABIA|ACCA)[2-7A-Z]{16})\b	-[^\n]+EXAMPLE$
aws-access-key-id	own	>3	abia,acca,agpa,aida,aipa,akia,anpa,anva,aroa,asia			\b((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[0-9A-Z]{16})\b	-EXAMPLE$
aws-account-id	weak		aws_acco,awsaccou			(?i:aws)_?(?i:account)_?(?i:id)?["']?\s*(?:=>|:=|=|:)\s*["']?(\d{4}-?\d{4}-?\d{4})["']?\b
aws-amazon-bedrock-api-key-long-lived		>3	absk			\b(ABSK[+/-9A-Za-z]{109,269}={0,2})\>
aws-amazon-bedrock-api-key-short-lived		>3	bedrock-			bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t
aws-secret-access-key		>4	access,key,secret,token			(?i:secret|access|key|token)\=([+/-9=A-Za-z]{40})\;
azure-ad-client-secret		>3	q~	4-4		\<([.0-9A-Z_a-z~]{3}\dQ~[\-.0-9A-Z_a-z~]{31,34})\;
azure-app-configuration-connection-string		>3.5	endpoint			(?i:endpoint=https://)[\-0-9A-Za-z]+\.(?i:azconfig\.io;id=)[^\t-\r "';]{4,80};(?i:secret=)([+/-9A-Za-z]{36,100}={0,2})
azure-client-id	weak		azure_cl,azurecli			(?i:azure)_?(?i:client)_?(?i:id)\=([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\;
azure-client-id	weak	>2.5	azure_cl,client		client	\b(?:(?i:client)[\t-\r \-._]*(?i:id)|(?i:azure_client_id))\b(?s:.){0,24}?([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\b
azure-servicebus-connection-string		>3	endpoint			((?i:endpoint=sb://)[\-0-9A-Za-z]+\.(?i:servicebus\.windows\.net/;sharedaccesskeyname=)[^\t-\r "';=]{1,128};(?i:sharedaccesskey=)[+/-9A-Za-z]{32,100}={0,2}(?:;(?i:entitypath=)[^\t-\r "';]{1,128})?)
azure-storage-account-key		>4	@blob		accountkey,azure,storage	([+/-9A-Za-z]{86}==)\>
azure-storage-account-name	weak	>1.5	accountn			\b(?i:accountname)\s{0,8}=\s{0,8}([0-9a-z]{3,24})\b
azure-storage-account-name	weak	>1.5	storage_,storagea			(?i:storage)_?(?i:account)_?(?i:name)\=([0-9a-z]{3,24})\;
azure-tenant-id	weak		tenant_i,tenantid			(?i:tenant)_?(?i:id)\=([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\;
azure-tenant-id	weak	>2.5	azure_te,tenant		tenant	\b(?:(?i:tenant)[\t-\r \-._]*(?i:id)?|(?i:azure_tenant_id))\b(?s:.){0,24}?([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\b
beamer-api-token			beamer			(?i:beamer)\=((?i:b_)[\-0-9=A-Z_a-z]{44})\;
bitbucket-client-id			bitbucke			(?i:bitbucket)\=([0-9A-Za-z]{32})\;
bitbucket-client-secret			bitbucke			(?i:bitbucket)\=([\-0-9=A-Z_a-z]{64})\;
bitly-access-token		>=3	bitly			\b(?i:bitly)(?s:.){0,32}?(?i:secret|private|access|key|token)(?s:.){0,32}?([0-9A-Fa-f]{40})\b
bitrise-access-token		>=3.5	bitrise			(?i:bitrise)(?:[ \-_]*(?i:personal|workspace))?(?:[ \-_]*(?i:access|api))?[ \-_]*(?i:token)\=([\-0-9A-Z_a-z]{60,120})\;
bittrex-access-key			bittrex			(?i:bittrex)\=([0-9A-Za-z]{32})\;
bittrex-secret-key			bittrex			(?i:bittrex)\=([0-9A-Za-z]{32})\;
box-api-access-token		>=3.5	box			(?i:box)\=([0-9A-Za-z]{32})\;
brave-search-api-key		>=3.2	bsa			\b(BSA[\-0-9A-Z_a-z]{24,40})\b
buildkite-service-token		>=3.5	bkaa_,bkaj_,bkar_,bkct_,bkpat_,bkps_,bkpt_			\b(bkaa_[\-0-9A-Z_a-z]{75}|bkaj_[\-0-9A-Z_a-z]{333}|bkar_[\-0-9A-Z_a-z]{73}|bkct_[\-0-9A-Z_a-z]{73}|bkpt_[\-0-9A-Z_a-z]{199}|bkpat_[\-0-9A-Z_a-z]{54}|bkps_[\-0-9A-Z_a-z]{64})\>
buildkite-user-access-token		>=3.5	bkua_			\b(bkua_(?:[0-9a-z]{40}|[0-9a-z]{53}))\b
canadian-digital-service-notify-api-key		>=3.5	apikey-v		gcntfy-	\b((?i:apikey-v1)\s+(?i:gcntfy-)\w+-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\b
canva-client-id		>=2.5	canva			\b(?i:canva|canva_client_id)(?s:.){0,32}?(?:(?i:client)[\t-\r \-_]*(?i:id)|(?i:app)[\t-\r \-_]*(?i:id))(?s:.){0,16}?\b((?i:oc-)[\-0-9A-Z_a-z]{8,16})\b
canva-client-secret		>=3.5	cnvca			\b(cnvca[\-0-9A-Z_a-z]{51})\b
cerebras-api-key		>3	csk-			\b((?i:csk-)[0-9A-Za-z]{48})\>
checkout-secret-key			checkout			(?i:checkout)\=((?i:sk_)[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
circleci-personal-token			ccipat_			\b(CCIPAT_[0-9A-Za-z]{22}_[0-9a-z]{40})
circleci-project-token		>=3.3	circleci			(?i:circleci)\=([0-9A-Fa-f]{40})\;
cisco-meraki-api-key		>3	meraki			(?:[Mm]eraki|MERAKI)\=([0-9a-f]{40})\;
cisco-meraki-api-key		>=3.3	meraki			(?:[Mm]eraki|MERAKI)\=([0-9a-f]{40})\;
civo-api-key			civo			(?i:civo)\=([0-9A-Za-z]{50})\;
clerk-secret-key		>=3.3	clerk			(?i:clerk)\=((?i:sk_)(?i:test|live)_[0-9A-Za-z]{32})\;
clickhouse-cloud-api-secret-key		>3	4b1d			\b(4b1d[0-9A-Za-z]{38})\b
clickhouse-cloud-api-secret-key		>=3.5	4b1d			\b(4b1d[0-9A-Za-z]{38})\b
clickhouse-cloud-key-id		>=3	clickhou			\b(?i:clickhouse)(?s:.){0,16}?(?i:id|user)(?s:.){0,16}?([0-9A-Za-z]{20})
clickup-personal-api-token		>=3.5	clickup			(?i:clickup)\=((?i:pk_)\d{8,9}_[0-9A-Za-z]{32})\;
clojars-api-token		>2	clojars_			(?i:clojars_)[0-9A-Za-z]{60}
cloudflare-api-key		>2	cloudfla			(?i:cloudflare)\=([\-0-9A-Z_a-z]{40})\;
cloudflare-global-api-key		>2	cloudfla			(?i:cloudflare)\=([0-9A-Fa-f]{37})\;
cloudflare-origin-ca-key		>2	v1.0-			\b(v1\.0-[0-9a-f]{24}-[0-9a-f]{146})\>
cloudflare-token	own	>3	cfat_,cfk_,cfut_			\b((?:cfk|cfut|cfat)_[0-9A-Za-z]{40}[0-9a-f]{8})\>
cloudinary-api-key		>=3	cloudina			\b(?i:cloudinary)(?s:.){0,32}?(?:(?i:api)[\t-\r _]?(?i:key)|(?i:key))(?s:.){0,16}?\b(\d{15})\b
cloudinary-api-secret		>=3.5	cloudina			\b(?i:cloudinary)(?s:.){0,32}?(?:(?i:secret)|(?i:private)|(?i:api)[\t-\r _]?(?i:secret))(?s:.){0,32}?\b([0-9A-Za-z]{32})\b
cloudinary-cloud-name	weak		cloudina			\b(?i:cloudinary)(?s:.){0,32}?(?:(?i:cloud)[\t-\r _]?(?i:name)|(?i:cloud))(?s:.){0,16}?\b([\-0-9A-Z_a-z]{3,32})\b
cloudsmith-api-key			csa_			\b(csa_[0-9a-f]{30}[0-9A-Za-z]{6})\>
cockroachlabs-cloud-api-key		>=3.5	ccdb1_			\b(CCDB1_[0-9A-Za-z]{22}_[0-9A-Za-z]{40})\b
codecov-access-token			codecov			(?i:codecov)\=([0-9A-Za-z]{32})\;
codecov-access-token		>=3.5	codecov			(?i:codecov)\=([\-0-9A-Za-z]{36})\;
cohere-api-token		>4	co_api_k,cohere			(?i:cohere|co_api_key)\=([0-9A-Za-z]{40})\;
coinbase-access-token			coinbase			(?i:coinbase)\=([\-0-9A-Z_a-z]{64})\;
configcat-sdk-key		>=3.5	configca			(?i:configcat)\=([\-0-9A-Z_a-z]{22}/[\-0-9A-Z_a-z]{22})\;
configcat-sdk-key-extended		>=3.5	configca			\b(configcat-sdk-1/[\-0-9A-Z_a-z]{22}/[\-0-9A-Z_a-z]{22})\>
confluent-access-token			confluen			(?i:confluent)\=([0-9A-Za-z]{16})\;
confluent-secret-key			confluen			(?i:confluent)\=([0-9A-Za-z]{64})\;
contentful-delivery-api-token			contentf			(?i:contentful)\=([\-0-9=A-Z_a-z]{43})\;
couchbase-capella-api-key		>=4	capella,couchbas			\b(?i:couchbase|capella)(?s:.){0,32}?(?:(?i:api)(?s:.){0,12}?(?i:key|secret)|(?i:key)(?s:.){0,12}?(?i:secret))(?s:.){0,32}?\b([+/-9A-Za-z]{60,120}={0,2})\b
coveralls-personal-api-token		>=3.5	coverall			(?i:coveralls)\=([\-0-9A-Za-z]{37})\;
crates-io-api-key			crates			(?i:crates)(?:[\-._]?(?i:io))?\=((?i:cio)[0-9A-Za-z]{32})\;
cursor-api-key		>3.5	cursor			(?i:cursor)\=((?i:key_)[0-9A-Fa-f]{64})\;
databento-api-key			databent			(?i:databento)\=((?i:db-)[0-9A-Za-z]{29})\;
databricks-token		>3	dapi			\b(dapi[0-9a-f]{32}(?:-\d)?)\>
databricks-token		>=3	dapi			\b(dapi[0-9a-f]{32}(?:-\d)?)\>
databricks-token	own	>3	dapi			\b(dapi[0-9A-Fa-f]{32}(?:-\d)?)\>
datadog-access-token			datadog			(?i:datadog)\=([0-9A-Za-z]{40})\;
datadog-api-key		>=3.5	datadog			(?i:datadog)\=([0-9A-Za-z]{32})\;
datadog-application-key		>=3.5	datadog			(?i:datadog)\=([\-0-9A-Za-z]{40})\;
datagov-api-key		>=3.5	data.gov			(?i:data\.gov)\=([0-9A-Za-z]{40})\;
datastax-astra-application-token		>=4	astracs:			\b(AstraCS:[0-9A-Za-z]{20,})
deepgram-api-key		>3.3	deepgram			(?i:deepgram)\=([0-9A-Fa-f]{40})\;
deepseek-api-key		>3.5	deepseek			(?i:deepseek)\=((?i:sk-)[0-9A-Fa-f]{32})\;
defined-networking-api-token			dnkey			(?i:dnkey)\=((?i:dnkey-)[\-0-9=A-Z_a-z]{26}-[\-0-9=A-Z_a-z]{52})\;
deno-account-token		>=3.5	ddp_			\b(ddp_[0-9A-Za-z]{36})\>
devcycle-client-sdk-key		>=3	dvc_clie			\b(dvc_client_[0-9A-Za-z]{8,32})
devcycle-mobile-sdk-key		>=3	dvc_mobi			\b(dvc_mobile_[0-9A-Za-z]{8,32})
devcycle-server-sdk-key		>=3	dvc_serv			\b(dvc_server_[0-9A-Za-z]{8,32})
devin-personal-api-key		>=3.5	apk_user			\b(apk_user_[+/-9A-Za-z]{120,180}={0,2})\>
devin-service-api-key		>=3.5	apk_			\b(apk_[+/-9A-Za-z]{80,100}={0,2})\>
devin-service-user-token		>=3.5	cog_			\b(cog_[2-7a-z]{52})\>
digitalocean-token			dor_v1_			\b((?i:dor_v1_)[0-9A-Fa-f]{64})\>
digitalocean-token		>3	doo_v1_			\b(doo_v1_[0-9a-f]{64})\>
digitalocean-token		>3	dop_v1_			\b(dop_v1_[0-9a-f]{64})\>
discord-api-token			discord			(?i:discord)\=([0-9A-Fa-f]{64})\;
discord-bot-token	own	>4	@blob			\b([M-O][\-0-9A-Z_a-z]{23,25}\.[\-0-9A-Z_a-z]{6}\.[\-0-9A-Z_a-z]{27,38})\>
discord-client-id		>2	discord			(?i:discord)\=(\d{18})\;
discord-client-secret		>2	discord			(?i:discord)\=([\-0-9=A-Z_a-z]{32})\;
discord-webhook	own	>3.5	discord.,discorda			(?i:discord)(?i:app)?\.(?i:com/api/webhooks/)(\d{17,20}/[\-0-9A-Z_a-z]{60,80})\>
disqus-api-key		>=3.5	disqus			(?i:disqus)\=([0-9A-Za-z]{64})\;
docker-swarm-join-token		>=3.5	swmtkn-1			\b(SWMTKN-1-[0-9a-z]{50,60}-[0-9a-z]{24,30})
docker-swarm-unlock-key		>=3.5	swmkey-1			\b(SWMKEY-1-[+/-9A-Za-z]{40,50})
docker-token		>=3.5	dckr_oat			\b(dckr_oat_[\-0-9A-Z_a-z]{32})\>
docker-token		>=3.5	dckr_pat			\b(dckr_pat_[\-0-9A-Z_a-z]{27})\>
docker-token	own	>3	dckr_oat,dckr_pat			\b(dckr_[op]at_[\-0-9A-Z_a-z]{27,32})\>
doppler-token		>2	dp.pt.			dp\.pt\.[0-9A-Za-z]{43}
doppler-token	own	>3	dp.audit,dp.ct.,dp.sa.,dp.scim.,dp.st.			\b(dp\.(?:ct|st|sa|scim|audit)\.(?:[\-0-9_a-z]{2,35}\.)?[0-9A-Za-z]{40,44})\>
droneci-access-token			droneci			(?i:droneci)\=([0-9A-Za-z]{32})\;
dropbox-api-token			dropbox			(?i:dropbox)\=([0-9A-Za-z]{15})\;
dropbox-long-lived-api-token			dropbox			(?i:dropbox)\=([0-9A-Za-z]{11}(?i:aaaaaaaaaa)[\-0-9=A-Z_a-z]{43})\;
dropbox-short-lived-api-token			dropbox			(?i:dropbox)\=((?i:sl\.)[\-0-9=A-Z_a-z]{135})\;
dropbox-token	own	>3.5	sl.			\b(sl\.(?:u\.)?[\-0-9A-Z_a-z]{130,1500})\>
duffel-api-token		>2	duffel_l,duffel_t			duffel_(?:test|live)_[\-0-9=A-Z_a-z]{43}
dynatrace-api-token		>4	dt0c01.			dt0c01\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{64}
easypost-key		>2	ezak			\bEZAK[0-9A-Za-z]{54}\b
easypost-key		>2	eztk			\bEZTK[0-9A-Za-z]{54}\b
ebay-client-id		>=3	-prd-	3-73		\b(\w{1,40}-\w{1,32}-PRD-[0-9a-f]{8,12}-[0-9a-f]{8,12})\b
ebay-client-secret		>=3	ebay			(?i:ebay)(?:[ \-._]*(?i:client|api))?[ \-._]*(?i:secret|key)\=(PRD-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4,12})\;
elastic-cloud-api-key			essu_			\b(essu_[\-0-9A-Z_a-z]{60,200}={0,2})\>
elevenlabs-api-key		>3.5	elevenla			(?i:elevenlabs)\=((?i:sk_)[0-9A-Fa-f]{48})\;
endorlabs-api-key		>=3	endr+	4-41		(?:(?i:endor)(?i:labs)?|(?i:key))\=((?i:endr\+)[\-0-9A-Za-z]{16})\;
endorlabs-api-secret		>=3.5	endor,secret		endr+	(?:(?i:endor)(?i:labs)?|(?i:secret))\=((?i:endr\+)[\-0-9A-Za-z]{16})\;
etsy-access-token		>3	etsy			(?:ETSY|[Ee]tsy)\=([0-9A-Za-z]{24})\;
etsy-open-api-key		>=3	etsy,x-api-ke			(?i:etsy|x-api-key)\=([0-9A-Za-z]{24}:[0-9A-Za-z]{10,64})\;
exoscale-api-key			exo			\b(EXO[0-9A-Za-z]{24,30})\>
exoscale-api-secret			exoscale			(?i:exoscale)\=([\-0-9A-Z_a-z]{40,60})\;
facebook-access-token		>3	@digits		facebook	\b(\d{15,16}[%|][\-0-9A-Z_a-z]{27,40})\>
facebook-page-access-token		>4	eaac,eaam			\b(EAA[CM][0-9A-Za-z]{100,})\>
facebook-secret		>3	facebook			(?i:facebook)\=([0-9A-Fa-f]{32})\;
fastly-api-token			fastly			(?i:fastly)\=([\-0-9=A-Z_a-z]{32})\;
fastly-api-token		>3.5	fastly			(?i:fastly)\=([\-0-9A-Z_a-z]{32})\;
figma-personal-access-header-token			x-figma-,x_figma_,xfigmato			(?i:x-figma-token|xfigmatoken|x_figma_token)\=([0-9A-Fa-f]{4}-[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\;
figma-token		>3.5	figd_			\b((?i:figd_)[\-0-9A-Z_a-z]{38,42})\>
figma-token	own	>3	figd_			\b(figd_[\-0-9A-Z_a-z]{40,200})\>
finicity-api-token			finicity			(?i:finicity)\=([0-9A-Fa-f]{32})\;
finicity-client-secret			finicity			(?i:finicity)\=([0-9A-Za-z]{20})\;
finnhub-access-token			finnhub			(?i:finnhub)\=([0-9A-Za-z]{20})\;
flickr-access-token			flickr			(?i:flickr)\=([0-9A-Za-z]{32})\;
flutterwave-key		>2	flwpubk_			FLWPUBK_TEST-[0-9A-Ha-h]{32}-[Xx]
flutterwave-key		>2	flwseck_			FLWSECK_TEST-[0-9A-Ha-h]{12}
flutterwave-key		>2	flwseck_			FLWSECK_TEST-[0-9A-Ha-h]{32}-[Xx]
flyio-access-token		>4	flyv1			\b(FlyV1\s[+-\-/-9=A-Z_a-z]{100,})\>
flyio-access-token		>4	fm1a_,fm1r_,fm2_,fo1_			\b(fo1_[\-0-9A-Z_a-z]{43}|fm1[ar]_[+/-9A-Za-z]{100,}={0,3}|fm2_[+/-9A-Za-z]{100,}={0,3})\>
frameio-api-token			fio-u-			fio-u-[\-0-9=A-Z_a-z]{64}
frameio-api-token		>=3.3	fio-u-			fio-u-[\-0-9=A-Z_a-z]{64}
freemius-secret-key			secret_k	1-1		["'](?i:secret_key)["']\s*=>\s*["']((?i:sk_)[^\t-\r ]{29})["']
freshbooks-access-token			freshboo			(?i:freshbooks)\=([0-9A-Za-z]{64})\;
freshbooks-access-token		>=3.5	freshboo			(?i:freshbooks)\=([0-9A-Za-z]{64})\;
fullstory-api-key		>=3.3	fs_api,fullstor			(?i:fullstory|fs_api|fullstory_api)\=((?i:na1|eu1)\.[0-9A-Za-z]{20,})\;
gcp-gemini-api		>4	aq.ab8rn			\b(AQ\.Ab8RN6[\-0-9A-Z_a-z]{44})\>
gitea-access-token		>=3	gitea-ac,gitea-ke,gitea-se,gitea-to,gitea.ac,gitea.ke,gitea.se,gitea.to,gitea_ac,gitea_ke,gitea_se,gitea_to,giteaacc,giteakey,giteasec,giteatok			(?i:gitea)[\-._]?(?i:token|key|secret|access)\=([0-9A-Fa-f]{40})\;
github-token		>3	gho_			gho_[0-9A-Za-z]{36}
github-token		>3	ghp_			ghp_[0-9A-Za-z]{36}
github-token		>3	ghr_			ghr_[0-9A-Za-z]{36}
github-token		>3	ghs_,ghu_			(?:ghu|ghs)_[0-9A-Za-z]{36}
github-token		>3	github_p			github_pat_\w{82}
github-token	own	>1.2	gho_,ghp_,ghr_,ghs_,ghu_			\b((?:gho|ghp|ghr|ghs|ghu)_\w{36})\>
github-token	own	>3	ghs_			\b(ghs_\d{1,20}_[\-0-9A-Z_a-z]{1,1000}\.[\-0-9A-Z_a-z]{1,4000}\.[\-0-9A-Z_a-z]{1,1000})\>
gitlab-session-cookie		>3	_gitlab_			_gitlab_session=[0-9a-z]{32}
gitlab-token		>3	glagent-			glagent-[\-0-9A-Z_a-z]{50}
gitlab-token		>3	glcbt-			glcbt-[0-9A-Za-z]{1,5}_[\-0-9A-Z_a-z]{20}
gitlab-token		>3	gldt-			gldt-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	glffct-			glffct-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	glft-			glft-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	glimt-			glimt-[\-0-9A-Z_a-z]{25}
gitlab-token		>3	gloas-			gloas-[\-0-9A-Z_a-z]{64}
gitlab-token		>3	glpat-			glpat-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	glptt-			glptt-[0-9a-f]{40}
gitlab-token		>3	glrt-			glrt-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	glsoat-			glsoat-[\-0-9A-Z_a-z]{20}
gitlab-token		>3	gr134894			GR1348941[\-0-9A-Z_a-z]{20}
gitlab-token		>4	glpat-			\bglpat-[\-0-9A-Z_a-z]{27,300}\.[0-9a-z]{2}[0-9a-z]{7}\b
gitlab-token		>4	glpat-			\bglpat-[\-0-9A-Z_a-z]{27,300}\.[0-9a-z]{2}\.[0-9a-z]{9}\b
gitlab-token		>4	glrt-t			\bglrt-t\d_[\-0-9A-Z_a-z]{27,300}\.[0-9a-z]{2}[0-9a-z]{7}\b
gitlab-token	own	>3	glagent-,glcbt-,gldt-,glffct-,glft-,glimt-,gloas-,glpat-,glptt-,glrt-,glsoat-			\b(gl(?:pat|rt|dt|ft|imt|soat|agent|cbt|ptt|ffct|oas)-[\-0-9A-Z_a-z]{20,128})\>
gitter-access-token			gitter			(?i:gitter)\=([\-0-9A-Z_a-z]{40})\;
gocardless-api-token			gocardle			(?i:gocardless)\=((?i:live_)[\-0-9=A-Z_a-z]{40})\;
gocardless-api-token		>=3.5	gocardle			(?i:gocardless)\=((?i:live_)[\-0-9=A-Z_a-z]{40})\;
google-api-key		>4	aiza			\b(AIza[\-0-9A-Z_a-z]{35})\>
google-oauth-secret	own	>3	gocspx-			\b(GOCSPX-[\-0-9A-Z_a-z]{28})\>
google-oauth-token	own	>3	ya29.			\b(ya29\.[\-0-9A-Z_a-z]{30,1024})\>
grafana-token		>3	eyjrijoi			\b((?i:eyjrijoi)[0-9A-Za-z]{70,400}={0,3})\>
grafana-token		>3	glc_			\b((?i:glc_)[+/-9A-Za-z]{32,400}={0,3})\>
grafana-token		>3	glsa_			\b((?i:glsa_)[0-9A-Za-z]{32}_[0-9A-Fa-f]{8})\>
grafana-token		>=3	eyjrijoi			\b(eyJrIjoi[+/-9A-Za-z]{40,380}={0,2})\>
grafana-token		>=3	glc_			\b(glc_[+/-9A-Za-z]{40,150}={0,2})\>
grafana-token		>=3	glsa_			\b(glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8})\>
grafana-token	own	>3	glc_			\b(glc_[+/-9A-Za-z]{32,400}={0,2})\>
grafana-token	own	>3	glsa_			\b(glsa_[0-9A-Za-z]{32}_[0-9A-Fa-f]{8})\>
greptile-api-key		>3.5	greptile			(?i:greptile)\=([+/-9A-Za-z]{48})\;
groq-key		>3.5	gsk_			\b((?i:gsk_)[0-9A-Za-z]{52})\>
groq-key	own	>3	gsk_			\b(gsk_[0-9A-Za-z]{52})\>
gumroad-access-token		>=3.5	gumroad			(?i:gumroad)\=([0-9A-Fa-f]{64}|[\-0-9A-Za-z]{43})\;
harness-api-key			pat.,sat.			(?:pat|sat)\.[\-0-9A-Z_a-z]{22}\.[0-9A-Za-z]{24}\.[0-9A-Za-z]{20}
harness-api-key		>3.4	pat.,sat.			(?:pat|sat)\.[\-0-9A-Z_a-z]{22}\.[0-9a-f]{24}\.[0-9A-Za-z]{20}
hashicorp-tf-api-token		>3.5	.atlasv1	14-14		[0-9A-Za-z]{14}\.atlasv1\.[\-0-9=A-Z_a-z]{60,70}
hashicorp-vault-token		>3.5	@blob	2-2	hvs.,s.	\b(s\.[0-9A-Za-z]{24})\>	-s\.[A-Za-z]{24}
hashicorp-vault-token		>3.5	@blob	2-2	hvs.,vault	\b(s\.[0-9A-Za-z]{24})\>	-s\.[A-Za-z]{24}
hashicorp-vault-token		>3.5	hvs.			\b(hvs\.[\-0-9A-Z_a-z]{90,120})\>	-s\.[A-Za-z]{24}
hashicorp-vault-token		>4	hvb.			\b(hvb\.[\-0-9A-Z_a-z]{138,300})\>
hashicorp-vault-token	own	>3.5	hvb.,hvr.,hvs.			\b((?:hvs|hvr)\.[\-0-9A-Z_a-z]{90,120}|hvb\.[\-0-9A-Z_a-z]{138,300})\>
heroku-api-key			heroku			(?i:heroku)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
heroku-api-key-v2		>4	hrku-aa			\b(HRKU-AA[\-0-9A-Z_a-z]{58})\>
highnote-secret-live-key		>=3.5	highnote			(?i:highnote)(?:[ \-._]*(?i:api))?[ \-._]*(?:(?i:secret)|(?i:key)|(?i:token)|(?i:sk)[ \-._]*(?i:live))\=(sk_live_a2V5Xz[+/-9A-Za-z]{69}={0,2})\;
honeycomb-api-key		>=3.5	honeycom			(?i:honeycomb)\=([0-9A-Fa-f]{32}|[0-9A-Za-z]{22})\;
hubspot-api-key			hubspot			(?i:hubspot)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
huggingface-token		>2	api_org_			\b(api_org_[A-Za-z]{34})\>
huggingface-token		>2	hf_			\b(hf_[A-Za-z]{34})\>
huggingface-token	own	>2	hf_			\b(hf_[A-Za-z]{34})\>
ibm-cloud-user-api-key		>=3.5	bx		ibm	(?i:bx)\=([\-0-9A-Z_a-z]{42,44})\;
ibm-cloud-user-api-key		>=3.5	ibm			(?i:ibm)(?i:cloud)?\=([\-0-9A-Z_a-z]{42,44})\;
influxdb-api-token		>=4	influx			\b(?i:influx)(?i:db)?\b(?s:.){0,64}?\b(?:(?i:token)|(?i:api)[\-_]?(?i:key))\b(?s:.){0,32}?[\t-\r "':=]{1,8}([+\-/-9=A-Z_a-z]{88,})\>
infomaniak-api-token			infomani			(?i:infomaniak)\=([\-0-9A-Z_a-z]{60,100})\;
infracost-api-token		>3	ico-			\b(ico-[0-9A-Za-z]{32})\>
intercom-api-key			intercom			(?i:intercom)\=([\-0-9=A-Z_a-z]{60})\;
intra42-client-secret		>3	s-s4t2af,s-s4t2ud			\b(s-s4t2(?:ud|af)-[0-9A-Fa-f]{64})\>
ionic-personal-access-token		>=3.5	ion_			\b(ion_[0-9A-Za-z]{42})\>
jfrog-api-key			artifact,bintray,jfrog,xray			(?i:jfrog|artifactory|bintray|xray)\=([0-9A-Za-z]{73})\;
jfrog-identity-token			artifact,bintray,jfrog,xray			(?i:jfrog|artifactory|bintray|xray)\=([0-9A-Za-z]{64})\;
jumpcloud-api-key		>=3.5	jumpclou			(?i:jumpcloud)\=([0-9A-Za-z]{40})\;
jwt	own	>3	eya			\b(eyA[\-0-9A-Z_a-z]{16,1000}\.ey[\-/-9A-Z\\_a-z]{17,4000}\.(?:[\-/-9A-Z\\_a-z]{10,2000}={0,2})?)\>
kagi-api-key		>=3.5	kagi			(?i:kagi)\=([\-0-9A-Z_a-z]{11}\.[\-0-9A-Z_a-z]{43})\;
kimi-api-key		>3.5	kimi,moonshot			(?i:kimi|moonshot)\=((?i:sk-)[\-0-9A-Z_a-z]{48})\;
klaviyo-api-key		>=3.5	klaviyo			(?i:klaviyo)\=((?i:pk_)[0-9A-Za-z]{34})\;
kraken-access-token			kraken			(?i:kraken)\=([+\-/-9=A-Z_a-z]{80,90})\;
kucoin-access-token			kucoin			(?i:kucoin)\=([0-9A-Fa-f]{24})\;
kucoin-secret-key			kucoin			(?i:kucoin)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
langchain-langsmith-personal-access-token		>=4	lsv2_pt_			\b(lsv2_pt_[0-9A-Fa-f]{32}_[0-9A-Fa-f]{10})
langchain-langsmith-service-key		>=4	lsv2_sk_			\b(lsv2_sk_[0-9A-Fa-f]{32}_[0-9A-Fa-f]{10})
lark-app-id		>=2.5	cli_			\b(cli_[0-9A-Za-z]{16})
lark-app-secret		>=3.5	lark			(?i:lark|larksuite)\=([0-9A-Za-z]{32})\;
launchdarkly-access-token			launchda			(?i:launchdarkly)\=([\-0-9=A-Z_a-z]{40})\;
lichess-personal-access-token		>=3.5	lip_			\b(lip_\w{16,60})\>
lighton-paradigm-api-key			lighton,paradigm			(?i:lighton|paradigm)\=([\-0-9A-Z_a-z]{40,80})\;
linear-client-secret		>2	linear			(?i:linear)\=([0-9A-Fa-f]{32})\;
linear-key		>2	lin_api_			lin_api_[0-9A-Za-z]{40}
linear-key	own	>3	lin_api_,lin_oaut			\b(lin_(?:api|oauth)_\w{32,128})\>
linkedin-client-id		>2	linked-i,linked_i,linkedin			(?i:linked)[\-_]?(?i:in)\=([0-9A-Za-z]{14})\;
linkedin-client-secret		>2	linked-i,linked_i,linkedin			(?i:linked)[\-_]?(?i:in)\=([0-9A-Za-z]{16})\;
lob-api-key			live_,test_	4-35		(?i:lob)\=((?i:live|test)_[0-9A-Fa-f]{35})\;
lob-pub-api-key			live_pub,test_pub	4-35		(?i:lob)\=((?i:test|live)_(?i:pub_)[0-9A-Fa-f]{31})\;
lob-pub-api-key			lob		test_pub_,live_pub_	(?i:lob)\=((?i:test|live)_(?i:pub_)[0-9A-Fa-f]{31})\;
looker-client-id			looker			(?i:looker)\=([0-9A-Za-z]{20})\;
looker-client-secret			looker			(?i:looker)\=([0-9A-Za-z]{24})\;
mailchimp-api-key			mailchim			(?:(?i:mailchimpsdk)[^\n](?i:initialize)|(?i:mailchimp))\=([0-9A-Fa-f]{32}-(?i:us)\d\d)\;
mailersend-api-token		>=3.5	mlsn.			\b(mlsn\.[0-9A-Za-z]{30,100})\>
mailgun-key			mailgun			(?i:mailgun)\=((?i:key-)[0-9A-Fa-f]{32})\;
mailgun-key			mailgun			(?i:mailgun)\=((?i:pubkey-)[0-9A-Fa-f]{32})\;
mailgun-key			mailgun			(?i:mailgun)\=([0-9A-Ha-h]{32}-[0-9A-Ha-h]{8}-[0-9A-Ha-h]{8})\;
mailgun-key	own	>3	key-			\b(key-[0-9a-f]{32})\>
mapbox-api-token			mapbox			(?i:mapbox)\=((?i:pk\.)[0-9A-Za-z]{60}\.[0-9A-Za-z]{22})\;
mattermost-access-token			mattermo			(?i:mattermost)\=([0-9A-Za-z]{26})\;
maxmind-license-key		>4	_mmk	36-36		\b([0-9A-Za-z]{6}_[0-9A-Za-z]{29}_mmk)\>
mercury-production-api-token		>=3.5	mercury_			\b(mercury_production_[a-z]{3,6}_[0-9A-Za-z]{40,50}_yrucrem)\>
mergify-application-key		>=3.2	mergify_			\b(mergify_application_key_[\-0-9A-Z_a-z]{40,200})\>
messagebird-api-token			message-,message_,messageb			(?i:message)[\-_]?(?i:bird)\=([0-9A-Za-z]{25})\;
messagebird-client-id			message-,message_,messageb			(?i:message)[\-_]?(?i:bird)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
microsoft-teams-webhook			.webhook	9-48		https://[0-9a-z]+\.webhook\.office\.com/webhookb2/[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12}@[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12}/IncomingWebhook/[0-9a-z]{32}/[0-9a-z]{8}-(?:[0-9a-z]{4}-){3}[0-9a-z]{12}
midtrans-production-server-client-key		>=2.8	mid			(?:(?i:midtrans)|(?i:mid)[\-_]?)\=((?i:mid-)(?i:server|client)-\w{10,20})\;
minimax-api-key		>3.5	sk-api-			\b((?i:sk-api-)[\-0-9A-Z_a-z]{119})\>
mistral-api-key		>3	mistral			(?i:mistral)\=([0-9A-Za-z]{32})\;
mongodb-atlas-service-account-id		>3	mdb_sa_i			\b(mdb_sa_id_[0-9a-f]{24})\>
mongodb-atlas-service-account-secret		>3	mdb_sa_s			\b(mdb_sa_sk_[\-0-9A-Z_a-z]{40})\>	-^mdb_sa_sk_\d{40}$
nats-seed	own	>3.5	@blob			\b(S[ACN-PUX][2-7A-Z]{56})\b
neon-api-key		>=3.5	napi_			\b(napi_[0-9A-Za-z]{64})\>
netlify-access-token			netlify			(?i:netlify)\=([\-0-9=A-Z_a-z]{40,46})\;
newrelic-key			new-reli,new_reli,newrelic			(?i:new-relic|newrelic|new_relic)\=([0-9A-Za-z]{64})\;
newrelic-key			new-reli,new_reli,newrelic		nrak	(?i:new-relic|newrelic|new_relic)\=((?i:nrak-)[0-9A-Za-z]{27})\;
newrelic-key			new-reli,new_reli,newrelic		nrii-	(?i:new-relic|newrelic|new_relic)\=((?i:nrii-)[\-0-9A-Za-z]{32})\;
newrelic-key			new-reli,new_reli,newrelic		nrjs-	(?i:new-relic|newrelic|new_relic)\=((?i:nrjs-)[0-9A-Fa-f]{19})\;
newrelic-key	own	>3	nraa-,nrak-,nrii-,nrjs-			\b(NR(?:AK|AA)-[0-9A-Z]{27}|NRII-[\-0-9A-Z_a-z]{32}|NRJS-[0-9a-f]{19})\>
notion-token		>4	ntn_			\b(ntn_\d{11}[0-9A-Za-z]{32}[0-9A-Za-z]{3})\>
notion-token	own	>3	ntn_			\b(ntn_\d{11}[0-9A-Za-z]{35})\>
npm-token		>2	npm_			\b((?i:npm_)[0-9A-Za-z]{36})\>
npm-token	own	>0.5	_authtok			_(?i:authtoken)\s*=\s*["']?([+\--9=A-Z_a-z~]{16,400})\;
npm-token	own	>3	npm_			\b(npm_\w{36})\>
nuget-password	own		<add			<(?i:add)\s{1,4}(?i:key=")[\-.0-:A-Z_a-z]{0,40}(?i:password|passwd|secret|apikey|token)"\s{0,8}(?i:value=")([^"]{4,256})"	-^%[^\t-\r ]+%$	-^\$\{[^\n]*\}$	-^#\{[^\n]*\}#?$
nvidia-api-key		>3.5	nvapi-			\b((?i:nvapi-)[\-0-9A-Z_a-z]{60,70})\>
nytimes-access-token			new-york,newyorkt,nytimes			(?i:nytimes|new-york-times,|newyorktimes)\=([\-0-9=A-Z_a-z]{32})\;
nytimes-access-token			new-york,newyorkt,nytimes			(?i:nytimes|new-york-times|newyorktimes)\=([\-0-9=A-Z_a-z]{32})\;
octopus-deploy-api-key		>3	api-			\b(API-[0-9A-Z]{26})\>
okta-access-token		>4	okta			(?:[Oo]kta|OKTA)\=(00[\-0-9=A-Z_a-z]{40})\;
ollama-api-key		>3.5	ollama			(?i:ollama)\=([0-9A-Fa-f]{32}\.[\-0-9A-Z_a-z]{24})\;
onepassword-token		>3.8	a3-			\bA3-[0-9A-Z]{6}-(?:[0-9A-Z]{11}|[0-9A-Z]{6}-[0-9A-Z]{5})-[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}\b
onepassword-token		>4	ops_eyj			ops_eyJ[+/-9A-Za-z]{250,}={0,3}
onepassword-token	own	>4	ops_ey			\b(ops_ey[+\-/-9A-Z_a-z]{100,1280}={0,2})\>
onesignal-rich-authentication-token		>=3.5	os_v2_ap,os_v2_or			\b(os_v2_(?:app|org)_[2-7a-z]{103})\>
onfido-live-api-token-ca		>=3.5	api_live			\b(api_live_ca\.[\-0-9A-Z_a-z]{20,80})\>
onfido-live-api-token-eu		>=3.5	api_live			\b(api_live\.[\-0-9A-Z_a-z]{20,80})\>
onfido-live-api-token-us		>=3.5	api_live			\b(api_live_us\.[\-0-9A-Z_a-z]{20,80})\>
openai-key		>3	t3blbkfj	23-86		\b(sk-(?:proj|svcacct|admin)-(?:[\-0-9A-Z_a-z]{74}|[\-0-9A-Z_a-z]{58})T3BlbkFJ(?:[\-0-9A-Z_a-z]{74}|[\-0-9A-Z_a-z]{58})\b|sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20})\>
openai-key		>3	t3blbkfj	23-86		\b(sk-(?:proj|svcacct|admin)-(?:[\-0-9A-Z_a-z]{74}|[\-0-9A-Z_a-z]{58}|[\-0-9A-Z_a-z]{20})T3BlbkFJ(?:[\-0-9A-Z_a-z]{74}|[\-0-9A-Z_a-z]{58}|[\-0-9A-Z_a-z]{20})\b|sk-[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20})\>
openai-key	own	>3.5	sk-admin,sk-proj-,sk-svcac			\b(sk-(?:proj|svcacct|admin)-[\-0-9A-Z_a-z]{40,300})\>	+^(?:[^0-9]*\d){2}
openrouter-api-key		>3.5	sk-or-v1			\b((?i:sk-or-v1-)[0-9A-Fa-f]{64})\>
openshift-user-token		>3.5	sha256~			\b(sha256~[\-0-9A-Z_a-z]{43})\>
openweather-api-key		>=3.5	openweat,pyowm			(?i:openweather|pyowm)\=([0-9a-z]{32})\;
ovh-application-key		>2	app-key,app.key,app_key,appkey,applicat		ovh	(?i:app)(?i:lication)?[\-._]?(?i:key)\=([\-0-9A-Za-z]{16})\;
ovh-application-secret		>3	app-secr,app.secr,app_secr,applicat,appsecre		ovh	(?i:app)(?i:lication)?[\-._]?(?i:secret)\=([\-0-9A-Za-z]{32})\;
ovh-consumer-key		>2	consumer		ovh	(?i:consumer)[\-._]?(?i:key)\=([\-0-9A-Za-z]{32})\;
paddle-live-api-key		>=3.5	pdl_live			\b(pdl_live_apikey_[0-9a-z]{26}_[0-9A-Za-z]{22}_[0-9A-Za-z]{3})\>
perplexity-api-key		>4	pplx-			\b(pplx-[0-9A-Za-z]{48})(?:[\t-\r "';\x60]|\\[nr]|$|\b)
persona-production-api-key		>=3.5	persona_			\b(persona_production_[\-0-9_a-z]{20,80})\>
pinecone-api-key		>=3	pinecone			(?i:pinecone)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
pinecone-api-key		>=3.5	pcsk_			\b(pcsk_[0-9A-Za-z]{5,6}_[0-9A-Za-z]{63})\>
pinterest-access-token		>=3.5	pina_			\b(pina_[\-0-9A-Z_a-z]{20,200})\>
plaid-api-token			plaid			(?i:plaid)\=((?i:access-)(?i:sandbox|development|production)-[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
plaid-client-id		>3.5	plaid			(?i:plaid)\=([0-9A-Za-z]{24})\;
plaid-secret-key		>3.5	plaid			(?i:plaid)\=([0-9A-Za-z]{30})\;
planetscale-id	weak	>3	planetsc,pscale			(?i:pscale|planetscale)(?s:.){0,16}?(?i:user|id|name)(?s:.){0,16}?([0-9A-Za-z]{12})
planetscale-token		>3	pscale_o			\b(pscale_oauth_[\-.0-9=A-Z_a-z]{32,64})\>
planetscale-token		>3	pscale_p			\b((?i:pscale_pw_)[\-.0-9=A-Z_a-z]{32,64})\>
planetscale-token		>3	pscale_t			\b(pscale_tkn_[\-.0-9=A-Z_a-z]{32,64})\>
planetscale-token	own	>3	pscale_o,pscale_p,pscale_t			\b(pscale_(?:tkn|pw|oauth)_[\-.0-9=A-Z_a-z]{32,64})\>
plivo-auth-id		>=2.8	plivo			(?i:plivo)(?:[ \-._]*(?i:auth|account))?[ \-._]*(?i:id|sid)\=((?i:ma)[0-9A-Za-z]{18})\;
plivo-auth-token		>=3.5	plivo			(?i:plivo)(?:[ \-._]*(?i:auth))?[ \-._]*(?i:secret|token|key)\=([\-0-9A-Z_a-z]{40})\;
polar-oauth-access-token		>=3.5	polar_at			\b(polar_at_[\-0-9A-Z_a-z]{20,100})\>
polar-organization-access-token		>=3.5	polar_oa			\b(polar_oat_[\-0-9A-Z_a-z]{20,100})\>
polar-personal-access-token		>=3.5	polar_pa			\b(polar_pat_[\-0-9A-Z_a-z]{20,100})\>
polymarket-address	weak		poly			(?i:poly)[^\n]{0,20}(?i:address)\=(0x[0-9A-Fa-f]{40})\;
polymarket-api-key		>3	poly			(?i:poly)[^\n]{0,20}(?i:key)\=([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\;
polymarket-api-secret		>3	poly			(?i:poly)[^\n]{0,20}(?i:secret)\=([+/-9A-Za-z]{40,}={0,2})\;
polymarket-passphrase			poly			(?i:poly)[^\n]{0,20}(?i:passphrase)\=(\w{8,128})\;
polymarket-private-key		>3.5	poly			(?i:poly)[^\n]{0,20}(?i:private)[^\n]{0,20}(?i:key)\=(0x[0-9A-Fa-f]{64})\;
posthog-personal-api-key		>3	phx_			\b((?i:phx_)[\-0-9A-Z_a-z]{41,49})\>
posthog-project-api-key		>3	phc_			\b((?i:phc_)[\-0-9A-Z_a-z]{41,44})\>
postman-key		>3	pmak-			\b(PMAK-[0-9A-Fa-f]{24}-[0-9A-Fa-f]{34})\>
postman-key	own	>3	pmak-			\b(PMAK-[0-9A-Fa-f]{24}-[0-9A-Fa-f]{34})\>
prefect-api-token		>2	pnu_			\b(pnu_[0-9A-Za-z]{36})\>
private-key	own	>3.5	-----begin			-----(?i:begin)[ \-0-9A-Z_a-z]{0,60}(?i:private key)(?: (?i:block))?-----[\t-\r +-:=A-Z\\_a-z]{64,4000}?(?i:key)(?: (?i:block))?-----
privateai-api-token		>3	private-,private_,privatea			(?i:private)[\-_]?(?i:ai)\=([0-9a-z]{32})\;
proof-full-access-api-key		>=3.5	prf_			\b(prf_(?:cli_)?[\-0-9A-Z_a-z]{20,80})\>	-^prf_(?:cli_)?test_
pulumi-api-token		>2	pul-			\b(pul-[0-9a-f]{40})\>
pypi-token		>3	pypi-age			pypi-AgEIcHlwaS5vcmc[\-0-9A-Z_a-z]{50,1000}
pypi-token	own	>3	pypi-age			\b(pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[\-0-9A-Z_a-z]{50,1000})\>
rainforest-pay-production-api-key		>=3.5	rainfore			(?i:rainforest)(?:[ \-._]*(?i:pay))?(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=(apikey_[0-9a-f]{64})\;
ramp-client-id		>=3	ramp_id_			\b(ramp_id_[0-9A-Za-z]{40})\>
ramp-client-secret		>=3.5	ramp_sec			\b(ramp_sec_[0-9A-Za-z]{48})\>
rapidapi-access-token			rapidapi			(?i:rapidapi)\=([\-0-9A-Z_a-z]{50})\;
readme-api-token		>2	rdme_			\b(rdme_[0-9a-z]{70})\>
redirect-pizza-api-token		>=3.5	rpa_			\b(rpa_[0-9A-Za-z]{30})\>
render-api-key		>=3.5	rnd_			\b(rnd_[0-9A-Za-z]{28})\>
replicate-api-token		>3	r8_			\b((?i:r8_)[0-9A-Za-z]{37})\>
rootly-api-key		>=3.5	rootly_			\b(rootly_[0-9a-f]{64})\>
rubygems-token		>2	rubygems			\b(rubygems_[0-9a-f]{48})\>
runpod-api-key		>=3.5	rpa_			\b(rpa_[0-9A-Z]{40}[0-9A-Za-z]{6})\>
salesforce-access-token		>=3.3	00d		salesforce.com	\b(00D[0-9A-Za-z]{12}![\-.0-9A-Z_a-z]{80,260})\>
salesforce-instance-url	weak		.salesforce.com	3-80		\<(?:(?i:http)[Ss]?://)?([0-9A-Za-z](?:[\-0-9A-Za-z]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[\-0-9A-Za-z]{0,61}[0-9A-Za-z])?){0,4}\.(?i:my\.salesforce\.com)|[A-Za-z]{2,8}\d{1,4}\.(?i:salesforce\.com))\>
samsara-api-token		>=3	samsara_			\b(samsara_api_[0-9A-Za-z]{26,32})\>
scaleway-secret-key			scaleway,scw			(?i:scaleway|scw)[^\n]{0,20}?(?i:secret|token)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
scalingo-api-token		>2	tk-us-			\b(tk-us-[\-0-9A-Z_a-z]{48})\>
scalr-api-access-token		>=3.5	scalr			(?i:scalr)(?:[ \-._]*(?i:api|access))?[ \-._]*(?i:secret|key|token)\=(eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJpc3MiOiJ1c2VyIiwianRpIjoiYXQt[\-0-9A-Z_a-z]{20,40}\.[\-0-9A-Z_a-z]{43})\;
segment-public-api-token		>=3.3	sgp_			\b(sgp_[0-9A-Za-z]{64})\>
sendbird-access-id			sendbird			(?i:sendbird)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
sendbird-access-token			sendbird			(?i:sendbird)\=([0-9A-Fa-f]{40})\;
sendgrid-key		>2	sg.			\b(SG\.[\-.0-9=A-Z_a-z]{66})\>
sendgrid-key	own	>3	sg.			\b(SG\.[\-0-9A-Z_a-z]{16,32}\.[\-0-9A-Z_a-z]{32,64})\>
sendinblue-api-token		>2	xkeysib-			\b(xkeysib-[0-9a-f]{64}-[0-9A-Za-z]{16})\>
sendinblue-api-token		>=3.2	xkeysib-			\b(xkeysib-[0-9A-Fa-f]{64}-[0-9A-Za-z]{16})\b
sentry-token		>3	sentry			(?i:sentry)\=([0-9A-Fa-f]{64})\;
sentry-token		>3.5	sntryu_			\b(sntryu_[0-9a-f]{64})\>
sentry-token		>4.5	sntrys_e			\bsntrys_eyJpYXQiO[+/-9A-Za-z]{10,200}(?:LCJyZWdpb25fdXJs|InJlZ2lvbl91cmwi|cmVnaW9uX3VybCI6)[+/-9A-Za-z]{10,200}={0,2}_[+/-9A-Za-z]{43}\>
sentry-token	own	>3	sntrys_,sntryu_			\b(sntrys_[+\-/-9=A-Z_a-z]{80,400}|sntryu_[0-9a-f]{64})\>
settlemint-application-access-token		>3	sm_aat_			\b(sm_aat_[0-9A-Za-z]{16})\>
settlemint-personal-access-token		>3	sm_pat_			\b(sm_pat_[0-9A-Za-z]{16})\>
settlemint-service-access-token		>3	sm_sat_			\b(sm_sat_[0-9A-Za-z]{16})\>
shippo-api-token		>2	shippo_l,shippo_t			\b(shippo_(?:live|test)_[0-9A-Fa-f]{40})\>
shopify-token		>2	shpat_			shpat_[0-9A-Fa-f]{32}
shopify-token		>2	shpca_			shpca_[0-9A-Fa-f]{32}
shopify-token		>2	shppa_			shppa_[0-9A-Fa-f]{32}
shopify-token		>2	shpss_			shpss_[0-9A-Fa-f]{32}
shopify-token	own	>3	shpat_,shpca_,shppa_,shpss_			\b(shp(?:pa|ca|at|ss)_[0-9A-Za-z]{32,64})\>
sidekiq-secret			bundle_e,bundle_g			(?i:bundle_enterprise__contribsys__com|bundle_gems__contribsys__com)\=([0-9A-Fa-f]{8}:[0-9A-Fa-f]{8})\;
sidekiq-sensitive-url			enterprise.con,gems.con	25-26		\b(?i:http)[Ss]?://([0-9A-Fa-f]{8}:[0-9A-Fa-f]{8})@(?i:gems|enterprise)\.(?i:contribsys\.com)\b
slack-token		>2	xapp-			(?i:xapp-)\d-[0-9A-Za-z]+-\d+-[0-9A-Za-z]+
slack-token		>2	xoxa-,xoxr-			xox[ar]-(?:\d-)?[0-9A-Za-z]{8,48}
slack-token		>2	xoxb-			xoxb-\d{8,14}-[0-9A-Za-z]{18,26}
slack-token		>2	xoxe-			(?i:xoxe-)\d-[0-9A-Za-z]{146}
slack-token		>2	xoxe-,xoxp-			xox[ep](?:-\d{10,13}){3}-[\-0-9A-Za-z]{28,34}
slack-token		>2	xoxe.xox			(?i:xoxe\.xox)[BPbp]-\d-[0-9A-Za-z]{163,166}
slack-token		>2	xoxo-,xoxs-			xox[os]-\d+-\d+-\d+-[0-9A-Fa-f]+
slack-token		>3	xoxb-			xoxb-\d{10,13}-\d{10,13}[\-0-9A-Za-z]*
slack-token		>3.5	xoxc-			xoxc-\d{9,15}-\d{9,15}-\d{9,15}-[0-9a-f]{64}\b
slack-token		>3.5	xoxd-			(xoxd-[+\-/-9A-Z\\_a-z]{100,}={0,2})\>
slack-token	own	>2.5	xapp,xox			\b((?:xox[abopr]|xapp)-(?:\d-)?[0-9A-Z]{8,14}(?:-[0-9A-Za-z]{1,90}){1,5})\>	+^(?:[^0-9]*\d){6}
slack-webhook			hooks.sl	0-8		(?:https?://)?hooks\.slack\.com/(?:services|workflows|triggers)/[+/-9A-Za-z]{43,56}
slack-webhook	own		hooks.sl			(?i:hooks\.slack\.com/)(?i:services|workflows|triggers)/(T[0-9A-Za-z]{1,40}/[AB][0-9A-Za-z]{1,40}/[/-9A-Za-z]{10,80})\>
snowflake-account-host	weak		.snowflakecomputing	1-80		\b([\-0-9A-Z_a-z]+(?:\.[\-0-9A-Z_a-z]+)*\.(?i:snowflakecomputing\.com))\b
snowflake-programmatic-access-token		>=3.5	snowflak			(?i:snowflake)[ \-._]{0,3}(?:(?i:programmatic)[ \-._]{0,3})?(?:(?i:access)[ \-._]{0,3})?(?i:token)\=([\-0-9A-Z_a-z]{100,500})\;
snowflake-programmatic-access-token		>=3.5	token	2-3	snowflake,sf_token	(?i:sf)[ \-._]?(?i:token)\=([\-0-9A-Z_a-z]{100,500})\;
snyk-api-token			snyk			(?i:snyk)[\-._]?(?:(?i:api|oauth)[\-._]?)?(?i:key|token)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
sonar-api-token			sonar-lo,sonar-to,sonar.lo,sonar.to,sonar_lo,sonar_to,sonarlog,sonartok			(?i:sonar)[\-._]?(?i:login|token)\=((?i:squ_|sqp_|sqa_)?[\-0-9=A-Z_a-z]{40})\;
sourcegraph-access-token		>3	sgp_			\b((?i:sgp_)(?:[0-9A-Fa-f]{16}|(?i:local))_[0-9A-Fa-f]{40})\>
sourcegraph-access-token		>3	sgp_			\b((?i:sgp_)[0-9A-Fa-f]{40})\>
sourcegraph-access-token		>3	sourcegr			(?i:sourcegraph)\=([0-9A-Fa-f]{40})\;
sourcegraph-access-token		>3	sourcegr		sgp_	(?i:sourcegraph)\=([0-9A-Fa-f]{40})\;
square-token		>2	eaaa,sq0atp-			\b((?:EAAA|sq0atp-)[\-0-9A-Z_a-z]{22,60})\>
square-token	own	>3	sq0atp-,sq0csp-,sq0idp-			\b(sq0(?:atp|csp|idp)-[\-0-9A-Z_a-z]{22,60})\>
squarespace-access-token			squaresp			(?i:squarespace)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
sslmate-api-key		>=3.5	sslmate			(?i:sslmate)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=([0-9A-Za-z]{36})\;
stability-ai-api-key		>3.5	stabilit			(?i:stability)\=((?i:sk-)[0-9A-Za-z]{48})\;
stripe-key		>2	rk_live_,rk_prod_,rk_test_,sk_live_,sk_prod_,sk_test_			\b((?:sk|rk)_(?:test|live|prod)_[0-9A-Za-z]{10,99})\>
stripe-key	own	>3	rk_live_,rk_prod_,rk_test_,sk_live_,sk_prod_,sk_test_			\b((?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{24,250})\>
stripe-key	own	>3	whsec_			\b(whsec_[+/-9=A-Za-z]{32,64})\>
sumologic-access-id		>3	sumo			(?:[Ss]umo|SUMO)\=(su[0-9A-Za-z]{12})\;
sumologic-access-token		>3	sumo			(?:[Ss]umo|SUMO)\=([0-9A-Za-z]{64})\;
supabase-management-token		>3.5	sbp_			\b(sbp_[\-0-9_a-z]{40})\>	+^sbp_[\-0-9_a-z]*\d[\-0-9_a-z]*\d[\-0-9_a-z]*$
supabase-project-api-key		>4	sb_secre			\b(sb_secret_[\-0-9A-Z_a-z]{31})\>
supabase-project-url	weak	>3	.supabas	24-40		\b(https://[0-9a-z]{16,32}\.supabase\.co)\b
tableau-personal-access-token		>=3.5	==:	22-22	tableau	\b([+/-9A-Za-z]{22}==:[0-9A-Za-z]{32})\b
tableau-personal-access-token-name	weak		tableau			(?i:tableau)(?:[ \-._]*(?:(?i:personal)[ \-._]*(?i:access)|(?i:pat)))?[ \-._]*(?:(?i:token)[ \-._]*)?(?i:name)\=([A-Za-z][\-0-9A-Z_a-z]{2,50})\;
tableau-server-host	weak		.online.	1-63		\b([\-0-9A-Za-z]+\.(?i:online\.tableau\.com))\b
tailscale-key		>=3	tskey-ap			\b(tskey-api-[\-0-9A-Z_a-z]{20,36})\>
tailscale-key	own	>3	tskey-			\b(tskey-[a-z]{2,20}-\w{8,40}-\w{16,60})\>
telegram-bot-api-token			telegr			(?i:telegr)\=(\d{5,16}:A[\-0-9A-Z_a-z]{34})\;
telegram-bot-token	own	>3.5	:aa	8-10		\b(\d{8,10}:AA[\-0-9A-Z_a-z]{32,33})\>
telnyx-api-v2-key		>=3.5	telnyx			(?i:telnyx)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=(KEY[\-0-9A-Z_a-z]{55})\;
temporal-cloud-api-key		>=3.2	eyj		inrlbxbvcmfslmlv	\b(eyJ[\-0-9A-Z_a-z]{10,}\.[\-0-9A-Z_a-z]*Y2NvdW50X2lk[\-0-9A-Z_a-z]*InRlbXBvcmFsLmlv[\-0-9A-Z_a-z]*(?:ICJrZXlfaWQiOi|a2V5X2lk|rZXlfaWQi)[\-0-9A-Z_a-z]{20,}\.[\-0-9A-Z_a-z]{20,})\>	+^(?:[^0-9]*\d){3}
terraform-password	own		administ			(?i:administrator_login_password)\s{0,4}=\s{0,4}"([\-0-9=A-Z_a-z]{8,40})"
thunderstore-api-token		>=3.5	tss_			\b(tss_[\-0-9A-Z_a-z]{20,80})\>	+^(?:[^0-9]*\d){2}
togetherai-api-key		>3	tgp_v1_			\b((?i:tgp_v1_)[\-0-9A-Z_a-z]{43})\>
travisci-access-token			travis			(?i:travis)\=([0-9A-Za-z]{22})\;
twilio-api-key		>3	@blob		sk	SK[0-9A-Fa-f]{32}
twilio-api-key		>3	@blob		twilio	SK[0-9A-Fa-f]{32}
twitch-api-token			twitch			(?i:twitch)\=([0-9A-Za-z]{30})\;
twitter-access-secret			twitter			(?i:twitter)\=([0-9A-Za-z]{45})\;
twitter-access-token			twitter			(?i:twitter)\=(\d{15,25}-[0-9A-Za-z]{20,40})\;
twitter-api-key			twitter			(?i:twitter)\=([0-9A-Za-z]{25})\;
twitter-api-secret			twitter			(?i:twitter)\=([0-9A-Za-z]{50})\;
twitter-bearer-token			twitter			(?i:twitter)\=([Aa]{22}[%0-9A-Za-z]{80,100})\;
typeform-api-token			typeform		tfp_	(?i:typeform)\=((?i:tfp_)[\-.0-9=A-Z_a-z]{59})\;
unkey-root-key		>=3.5	unkey_			\b(unkey_[0-9A-Za-z]{20,32})\>	+\d	+[A-Z]	+[a-z]
upcloud-api-token			ucat_			\b(ucat_[0-9A-Za-z]{24,32})\>
upstage-api-key			upstage			(?i:upstage)\=([0-9A-Za-z]{40,50})\;
val-town-api-token		>=3.5	vtwn_			\b(vtwn_[\-0-9A-Z_a-z]{20,80})\>	+^(?:[^0-9]*\d){2}
vercel-token		>3.5	vca_			\b((?i:vca_)[\-0-9A-Z_a-z]{56})\>
vercel-token		>3.5	vci_			\b((?i:vci_)[\-0-9A-Z_a-z]{56})\>
vercel-token		>3.5	vck_			\b((?i:vck_)[\-0-9A-Z_a-z]{56})\>
vercel-token		>3.5	vcp_			\b((?i:vcp_)[\-0-9A-Z_a-z]{56})\>
vercel-token		>3.5	vcr_			\b((?i:vcr_)[\-0-9A-Z_a-z]{56})\>
vercel-token		>3.5	vercel			(?i:vercel)\=([0-9A-Za-z]{24})\;
wakatime-api-key		>=3	waka			(?i:waka)[ \-._]?(?i:time)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})\;
wakatime-api-key		>=3	waka_			\b((?i:waka_)[0-9A-Za-z]{36,64})\>
weatherstack-api-key		>=3	weathers			(?i:weatherstack)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=([0-9a-z]{32})\;
weights-and-biases-api-key		>3.5	wandb,weightsa			(?i:wandb|weightsandbiases)\=([0-9A-Fa-f]{40})\;
weights-and-biases-api-key-v1		>3.5	wandb_v1			\b((?i:wandb_v1_)\w{77})\>
workato-developer-api-token		>=4	wrka			\b(wrka(?:[a-z]{2})?-eyJ[\-0-9A-Z_a-z]{8,}\.[\-0-9A-Z_a-z]{16,}\.[\-0-9A-Z_a-z]{64,})\>
workos-production-api-key		>=3.5	workos			(?i:workos)(?:[ \-._]*(?i:api))?[ \-._]*(?i:secret|key|token)\=(sk_live_a2V5Xz[+/-9A-Za-z]{69}={0,2})\;	-(?i:example)
x-oauth-basic	own		://	4-5		(?i:http)[Ss]?://([^\t-\r "'/:@]{8,256}):x-oauth-basic@github\.com
xai-api-key		>3.5	xai-			\b((?i:xai-)[\-0-9A-Z_a-z]{70,120})\>
yandex-access-token			yandex			(?i:yandex)\=((?i:t1\.)[\-0-9A-Z_a-z]+={0,2}\.[\-0-9A-Z_a-z]{86}={0,2})\;
yandex-api-key			yandex			(?i:yandex)\=((?i:aqvn)[\-0-9A-Z_a-z]{35,38})\;
yandex-aws-access-token			yandex			(?i:yandex)\=((?i:yc)[\-0-9A-Z_a-z]{38})\;
zai-api-key		>3.5	glm,z.ai,z_ai,zai,zlm			(?i:zai|z_ai|z\.ai|glm|zlm)\=([0-9A-Fa-f]{32}\.[0-9A-Za-z]{16})\;
zendesk-secret-key			zendesk			(?i:zendesk)\=([0-9A-Za-z]{40})\;
zuplo-consumer-api-key		>=3.3	zpka_			\b(zpka_[0-9a-z]{32}_[0-9a-f]{8})\>`;
