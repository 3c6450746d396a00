// Defaults that follow from where a hub runs.
local hub = std.extVar('VARS_2I2C_HUB_NAME');
local provider = std.extVar('VARS_2I2C_PROVIDER');
local domain = std.extVar('VARS_2I2C_HUB_DOMAIN');

local options = {
  gcp: ['soft', 'noatime'],
  aws: ['rsize=1048576', 'wsize=1048576', 'timeo=600', 'soft', 'retrans=2', 'noresvport'],
};

local pv =
  (if provider == 'gcp' then { serverIP: 'storage-quota-home-nfs.%s.svc.cluster.local' % hub } else {})
  + (if std.objectHas(options, provider) then { mountOptions: options[provider] } else {});

{
  nfs: { pv: pv },
  'jupyterhub-home-nfs': {
    quotaEnforcer: {
      config: { QuotaManager: { hard_quota: if std.endsWith(hub, 'staging') then 1 else 10, paths: ['/export/%s' % hub] } },
    },
  },
  jupyterhub: {
    ingress: { hosts: [domain] },
    hub: { config: { OAuthenticator: { oauth_callback_url: 'https://%s/hub/oauth_callback' % domain } } },
  },
}
