"""The keys that can keep a post out, and what each says; docs/visibility.md lists them. `visibility` reads their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """What a key says. `kind` is one of

    "hides" (a flag: true hides), "shows" (a flag: false hides), "word" (only a word that means public publishes), "named"
    (hides by a known word; says nothing else), "value" (hides with any value), "secret" (hides with any value but false),
    "build" (Hugo's table), "address" (only false hides), "made" (a key put together of words, `flag_keys`).
    `status` is the reason that it gives.
    """

    kind: str
    status: str


def _rules(kind: str, status: str, keys: str) -> dict[str, Rule]:
    return {key: Rule(kind, status) for key in keys.split()}


#: Every key that can keep a post out, folded by `key_name`.
RULES: Mapping[str, Rule] = {
    **_rules("hides", "draft", "draft wip unfinished 草稿 初稿 下書き 초안 entwurf brouillon borrador rascunho bozza черновик"),
    **_rules("hides", "unpublished", "unpublished deleted trashed removed disabled archivedpost nopublish donotpublish 已删除 "
             "未发布 不发布 未發佈 不發佈 未公开"),
    **_rules("hides", "hidden", "hidden hide private unlisted delisted headless internal intranet confidential invisible "
             "hideinlist hidefromlist nolist 私密 隐藏 隱藏 私有 私人 隐私 机密 保密 内部 仅自己可见 不公开 非公開 非公开"),
    **_rules("hides", "protected", "membersonly paid paidonly premium subscribersonly vip paywall loginrequired"),
    **_rules("hides", "feed-false", "eleventyexcludefromcollections nofeed norss hiddenfromfeed hiddenfromrss excludefromfeed "
             "excludefromrss feedexclude rssexclude rssignore hidefromfeed hidefromrss disablefeed disablerss"),
    **_rules("shows", "unpublished", "published publish publishable enabled render routable shouldoutput "
             "发布 發布 已发布 是否发布"),
    **_rules("shows", "hidden", "public listed inlist visible discoverable makediscoverable "
             "公开 公開 是否公开 可见"),
    **_rules("shows", "feed-false", "feed rss infeed inrss includeinfeed includeinrss"),
    **_rules("word", "unpublished", "status publishstatus publishingstatus publicationstatus articlestatus 状态 狀態 发布状态"),
    **_rules("word", "hidden", "visibility privacy 可见性 可見性 权限"),
    **_rules("word", "protected", "access accesslevel"),
    **_rules("named", "unpublished", "state stage phase progress maturity lifecycle "
             "workflow workflowstate audience permission permissions tier tiers viewer viewers reader readers visibleto "
             "subscription sensitivity classification scope security restrict restrictto review approval for only membership "
             "reviewstatus reviewstate moderation moderationstatus workflowstatus editorialstatus editorialstate approvalstatus"),
    **_rules("address", "unpublished", "permalink url"),
    **_rules("value", "protected", "password passwd passphrase passcode pwd encryptpassword obfuscate usesecret passwort "
             "contraseña motdepasse senha 口令 访问口令 密码 密碼 访问密码 文章密码"),
    **_rules("secret", "protected", "encrypt encrypted encryption protected protect lock locked 加密"),
    **_rules("secret", "hidden", "secret 秘密"),
    **_rules("secret", "unpublished", "deletedat deletedon trashedat"),
    **_rules("build", "hidden", "build"),
    **_rules("named", "page", "type contenttype"),
    **_rules("named", "protected", "layout template kind"),
}  # fmt: skip
