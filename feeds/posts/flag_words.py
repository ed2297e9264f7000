"""The words that a flag of front matter may hold; docs/visibility.md lists them."""

from __future__ import annotations

from collections.abc import Mapping

#: Words of a flag. Chinese ones are those that exports of Notion, Halo and Typecho write.
TRUE = frozenset({"true", "yes", "on", "1", "y", "t", "是", "真", "对", "開", "开"})
FALSE = frozenset({"false", "no", "off", "0", "n", "f", "否", "假", "不", "关", "關"})

#: The same in other languages and as marks: they are read in keys of words of those languages, e.g. `versteckt: ja`.
OTHER_TRUE = frozenset("ja oui sí si sì sim да так tak ano evet kyllä ναι có はい 예 네 ✓ ✔ ✅ ☑ x".split())
OTHER_FALSE = frozenset("nein non não nao нет ні nie ne nej nee hayır hayir ei όχι không いいえ 아니요 아니오 ✗ ✘ ❌ ❎".split())

#: What a layout with such a name says; any other is only how the page looks.
LAYOUTS: Mapping[str, str] = {
    "draft": "draft", "drafts": "draft", "private": "hidden", "hidden": "hidden", "unlisted": "hidden", "protected": "protected",
    "passwordprotected": "protected", "encrypted": "protected", "encrypt": "protected", "password": "protected",
}  # fmt: skip

#: What a word that says how public a post is means; "out" is public.
WORDS: Mapping[str, str] = {
    word: status
    for status, words in {
        "out": "public publish published publishing posted post live everyone everybody anyone all world open listed visible "
        "enabled active featured true yes on 1 公开 公開 已发布 已發布 發布 发布 所有人 全部可见 正常",
        "draft": "draft drafts drafted autodraft postdraft pagedraft idea ideas wip inprogress notstarted todo writing "
        "unfinished incomplete entwurf brouillon borrador rascunho bozza черновик 下書き "
        "초안 草稿 初稿 未完成 写作中 進行中 进行中 未开始 待写",
        "unpublished": "unpublish unpublished notpublished pending pendingreview needsreview inreview review reviewing toreview "
        "waiting needed future scheduled inherit trash trashed deleted removed recycled recycle archived archive disabled "
        "inactive skip offline withdrawn retired rejected expired sent never none false no off 0 "
        "未发布 未發布 待发布 暂不发布 不发布 不要发布 勿发 "
        "待审核 待審核 待审 待审阅 审核中 審核中 回收站 已删除 已刪除 已下线 已归档 下架 定时发布 否",
        "hidden": "hidden hide private unlisted internal secret confidential personal onlyme me self owner friends friendsonly "
        "restricted intranet nobody invisible usemask privat privé privado "
        "非公開 非公开 私密 私有 私人 隐藏 隱藏 不公开 不公開 "
        "仅自己可见 僅自己可見 仅自己 仅好友 好友可见 限定公開 不显示 内部 내부",
        "protected": "protected password passwordprotected encrypted encrypt locked members membersonly member paid paidmembers "
        "tiers premium subscribers subscribersonly subscriber onlypaid onlyfree founding supporters patrons vip loggedin "
        "registered required login "
        "加密 已加密 密码保护 密碼保護 受保护 会员 仅会员 会员专享 会员可见 付费 登录可见 回复可见 仅粉丝 粉丝可见",
    }.items()
    for word in words.split()
}  # fmt: skip
