# What must every rule have, beyond what pint asks of itself? `pint --config alerts/pint.hcl --offline lint alerts/rules`
rule {
  match {
    kind = "alerting"
  }
  annotation "summary" {
    severity = "bug"
    required = true
  }
  annotation "summary_zh" {
    severity = "bug"
    required = true
  }
  annotation "description" {
    severity = "bug"
    required = true
  }
  annotation "description_zh" {
    severity = "bug"
    required = true
  }
  annotation "runbook" {
    severity = "bug"
    value    = "[a-z]+#[a-z]+"
    required = true
  }
  annotation "dashboard" {
    severity = "bug"
    value    = "plimsoll-[a-z]+"
    required = true
  }
  # none: of the watchdog, which pages when it stops.
  label "severity" {
    severity = "bug"
    value    = "(critical|warning|info|none)"
    required = true
  }
  label "scope" {
    severity = "bug"
    required = true
  }
  for {
    severity = "bug"
    min      = "30s"
    max      = "120m"
  }
}

# An alert of a cluster that does not say which is of no use.
rule {
  match {
    path = "alerts/rules/(capacity|kafka|lag|rocketmq).yaml"
    kind = "alerting"
  }
  aggregate ".+" {
    severity = "bug"
    keep     = ["cluster"]
  }
}
